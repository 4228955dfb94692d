// Package bookingevents holds the topics and the payload that the booking service
// publishes.
package bookingevents

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

// Values of the field statusReason: why a booking has ended.
const (
	ReasonExpired     = "expired"
	ReasonAdmin       = "admin"
	ReasonStudent     = "student"
	ReasonRescheduled = "rescheduled"
)

// Booking says what has become of a booking. ConfirmedSlotID is set on
// TopicConfirmed, and on TopicCancelled where a confirmed booking was revoked.
//
// The fields below Timestamp are for those who tell people of it. CourseTitle
// and the choices are those of the moment at which the slots were held; a
// booking that is older than these fields has none. ExpiresAt is the deadline
// of the decision, DecisionNote the reason that was given with it.
type Booking struct {
	EventType          string     `json:"eventType"`
	BookingID          uuid.UUID  `json:"bookingId"`
	UserID             uuid.UUID  `json:"userId"`
	CourseID           uuid.UUID  `json:"courseId"`
	FirstChoiceSlotID  uuid.UUID  `json:"firstChoiceSlotId"`
	SecondChoiceSlotID uuid.UUID  `json:"secondChoiceSlotId"`
	ConfirmedSlotID    *uuid.UUID `json:"confirmedSlotId,omitempty"`
	Timestamp          time.Time  `json:"timestamp"`

	CourseName   string    `json:"courseName,omitempty"`
	CourseTitle  string    `json:"courseTitle,omitempty"`
	FirstChoice  *Slot     `json:"firstChoice,omitempty"`
	SecondChoice *Slot     `json:"secondChoice,omitempty"`
	Package      *string   `json:"package,omitempty"`
	ExpiresAt    time.Time `json:"expiresAt,omitzero"`
	DecisionNote *string   `json:"decisionNote,omitempty"`

	// StateVersion counts the states of the booking: 1 is pending, and each change adds one. Events of before this field
	// have 0. Who tells people of bookings tells nothing that is older than what they were told.
	StateVersion int64   `json:"stateVersion,omitempty"`
	Status       string  `json:"status,omitempty"`
	StatusReason *string `json:"statusReason,omitempty"`
	// ActorID is who caused the change, RequestID by which request; both are missing where a timer did.
	ActorID   *uuid.UUID `json:"actorId,omitempty"`
	RequestID string     `json:"requestId,omitempty"`
	// Replaces is the booking whose lesson this one would move, ReplacedBy the one that has moved this lesson.
	Replaces   *uuid.UUID `json:"replaces,omitempty"`
	ReplacedBy *uuid.UUID `json:"replacedBy,omitempty"`
	// TeacherID is the account that gives, or would have given, the confirmed lesson.
	TeacherID *uuid.UUID `json:"teacherId,omitempty"`
}

// Slot is when a lesson takes place. TimeZone is the IANA name of the zone in
// which the school keeps it.
type Slot struct {
	StartsAt time.Time `json:"startsAt"`
	EndsAt   time.Time `json:"endsAt"`
	TimeZone string    `json:"timeZone"`
}

// Confirmed returns the slot that the booking got, or nil.
func (b *Booking) Confirmed() *Slot {
	switch {
	case b.ConfirmedSlotID == nil:
		return nil
	case *b.ConfirmedSlotID == b.FirstChoiceSlotID:
		return b.FirstChoice
	}

	return b.SecondChoice
}
