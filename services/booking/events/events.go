// Package events holds the topics and the payload that the booking service
// publishes.
package events

import (
	"time"

	"github.com/google/uuid"
)

// Topics of the booking service. A revoked booking is announced on
// TopicCancelled.
const (
	TopicCreated   = "booking.created"
	TopicConfirmed = "booking.confirmed"
	TopicExpired   = "booking.expired"
	TopicRejected  = "booking.rejected"
	TopicCancelled = "booking.cancelled"
)

// Values of the field eventType.
const (
	TypeCreated   = "BOOKING_CREATED"
	TypeConfirmed = "BOOKING_CONFIRMED"
	TypeExpired   = "BOOKING_EXPIRED"
	TypeRejected  = "BOOKING_REJECTED"
	TypeCancelled = "BOOKING_CANCELLED"
)

// Booking says what has become of a booking. ConfirmedSlotID is set on
// TopicConfirmed, and on TopicCancelled where a confirmed booking was revoked.
type Booking struct {
	EventType          string     `json:"eventType"`
	BookingID          uuid.UUID  `json:"bookingId"`
	UserID             uuid.UUID  `json:"userId"`
	CourseID           uuid.UUID  `json:"courseId"`
	FirstChoiceSlotID  uuid.UUID  `json:"firstChoiceSlotId"`
	SecondChoiceSlotID uuid.UUID  `json:"secondChoiceSlotId"`
	ConfirmedSlotID    *uuid.UUID `json:"confirmedSlotId,omitempty"`
	Timestamp          time.Time  `json:"timestamp"`
}
