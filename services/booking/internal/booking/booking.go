// Package booking decides about bookings: the rules, the saga with the course service, and the deadline.
package booking

import (
	"time"

	"github.com/google/uuid"

	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
)

// Status is what has become of a booking.
type Status string

// The statuses of the contract, and Holding, which only this service sees: the slots are being reserved.
const (
	Holding   Status = "holding"
	Pending   Status = "pending"
	Confirmed Status = "confirmed"
	Rejected  Status = "rejected"
	Cancelled Status = "cancelled"
)

// Reason says why a booking has ended.
type Reason string

// ByDeadline is the reason of a booking that was not decided in time, ByAdmin of a rejected or revoked one, ByStudent
// of a cancelled one.
const (
	ByDeadline Reason = "expired"
	ByAdmin    Reason = "admin"
	ByStudent  Reason = "student"
)

// Booking is a student's request for a lesson at one of two slots. Its deadline is 72 hours after its creation.
// The tags are for remembered answers in the store.
type Booking struct {
	ID           uuid.UUID `json:"id"`
	UserID       uuid.UUID `json:"user_id"`
	CourseID     uuid.UUID `json:"course_id"`
	FirstChoice  uuid.UUID `json:"first_choice_slot_id"`
	SecondChoice uuid.UUID `json:"second_choice_slot_id"`
	Status       Status    `json:"status"`
	StatusReason *Reason   `json:"status_reason"`
	// Abandoned marks a holding booking that can only be undone.
	Abandoned       bool       `json:"-"`
	Note            *string    `json:"note"`
	CreatedAt       time.Time  `json:"created_at"`
	ExpiresAt       time.Time  `json:"expires_at"`
	ConfirmedSlotID *uuid.UUID `json:"confirmed_slot_id"`
	ConfirmedAt     *time.Time `json:"confirmed_at"`
	DecisionNote    *string    `json:"decision_note"`
	// UpdatedAt is when the booking got its present status.
	UpdatedAt time.Time `json:"updated_at"`
	// Lesson is nil while nothing is held.
	Lesson *Lesson `json:"lesson,omitempty"`
}

// Lesson is what a booking is about, as the course service said when it held the slots. Slots are by id; those that are
// held don't move. The tags are for the store.
type Lesson struct {
	CourseTitle string                           `json:"course_title"`
	Slots       map[uuid.UUID]bookingevents.Slot `json:"slots"`
}

// ExpiredBy reports whether the booking waits for a decision although its deadline has passed.
func (b *Booking) ExpiredBy(now time.Time) bool {
	return b.Status == Pending && !now.Before(b.ExpiresAt)
}

// Event returns the announcement that the booking has reached its present status.
func (b *Booking) Event() (topic string, payload bookingevents.Booking) {
	topic, eventType := b.announcement()

	payload = bookingevents.Booking{
		EventType:          eventType,
		BookingID:          b.ID,
		UserID:             b.UserID,
		CourseID:           b.CourseID,
		FirstChoiceSlotID:  b.FirstChoice,
		SecondChoiceSlotID: b.SecondChoice,
		ConfirmedSlotID:    b.ConfirmedSlotID,
		Timestamp:          b.UpdatedAt,
		ExpiresAt:          b.ExpiresAt,
		DecisionNote:       b.DecisionNote,
	}
	if b.Lesson != nil {
		payload.CourseTitle = b.Lesson.CourseTitle
		payload.FirstChoice = entry(b.Lesson.Slots, b.FirstChoice)
		payload.SecondChoice = entry(b.Lesson.Slots, b.SecondChoice)
	}

	return topic, payload
}

func (b *Booking) announcement() (topic, eventType string) {
	switch b.Status {
	case Confirmed:
		return bookingevents.TopicConfirmed, bookingevents.TypeConfirmed
	case Cancelled:
		return bookingevents.TopicCancelled, bookingevents.TypeCancelled
	case Rejected:
		if b.StatusReason != nil && *b.StatusReason == ByDeadline {
			return bookingevents.TopicExpired, bookingevents.TypeExpired
		}

		return bookingevents.TopicRejected, bookingevents.TypeRejected
	case Holding, Pending:
	}

	return bookingevents.TopicCreated, bookingevents.TypeCreated
}

// Viewer is who looks at bookings: admins see everybody's, others their own.
type Viewer struct {
	UserID uuid.UUID
	Admin  bool
}

// MaySee reports whether the booking exists for this viewer.
func (v Viewer) MaySee(b *Booking) bool {
	return b.Status != Holding && (v.Admin || b.UserID == v.UserID)
}
