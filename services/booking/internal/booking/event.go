package booking

import (
	"github.com/google/uuid"

	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
)

// Event returns the announcement that the booking has reached its present status.
func (b *Booking) Event() (topic string, payload bookingevents.Booking) {
	topic, eventType := b.announcement()
	course := b.Course()

	payload = bookingevents.Booking{
		EventType:          eventType,
		BookingID:          b.ID,
		UserID:             b.UserID,
		CourseID:           b.CourseID,
		FirstChoiceSlotID:  b.FirstChoice,
		SecondChoiceSlotID: b.SecondChoice,
		ConfirmedSlotID:    b.ConfirmedSlotID,
		Timestamp:          b.UpdatedAt,
		CourseName:         course.Name,
		CourseTitle:        course.Title,
		FirstChoice:        b.eventSlot(b.FirstChoice),
		SecondChoice:       b.eventSlot(b.SecondChoice),
		Package:            b.Package,
		ExpiresAt:          b.ExpiresAt,
		DecisionNote:       b.DecisionNote,
		StateVersion:       b.StateVersion,
		Status:             string(b.Status),
		StatusReason:       (*string)(b.StatusReason),
		ActorID:            b.actor(),
		Replaces:           b.Replaces,
		ReplacedBy:         b.ReplacedBy,
		TeacherID:          b.TeacherID,
	}

	return topic, payload
}

// actor is the person behind the present status, nil where the deadline was.
func (b *Booking) actor() *uuid.UUID {
	if b.Status == Pending {
		return &b.UserID
	}

	return b.DecidedBy
}

func (b *Booking) eventSlot(id uuid.UUID) *bookingevents.Slot {
	slot := b.Slot(id)
	if slot == nil {
		return nil
	}

	return &bookingevents.Slot{
		StartsAt: slot.StartsAt,
		EndsAt:   slot.EndsAt,
		TimeZone: slot.TimeZone,
	}
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
