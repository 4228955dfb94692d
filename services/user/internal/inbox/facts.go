package inbox

import (
	"github.com/google/uuid"

	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	"github.com/shema-music/shema/services/user/internal/notification"
)

// facts takes from an event what people are told.
func facts(b *bookingevents.Booking) notification.Facts {
	f := notification.Facts{
		BookingID: &b.BookingID,
		Course: &notification.Course{
			ID:    b.CourseID,
			Name:  b.CourseName,
			Title: b.CourseTitle,
		},
		StudentID:    b.UserID,
		FirstChoice:  slot(b.FirstChoiceSlotID, b.FirstChoice),
		SecondChoice: slot(b.SecondChoiceSlotID, b.SecondChoice),
		Replaces:     b.Replaces,
	}
	if b.ConfirmedSlotID != nil {
		f.ConfirmedSlot = slot(*b.ConfirmedSlotID, b.Confirmed())
	}

	if b.DecisionNote != nil {
		f.Reason = *b.DecisionNote
	}

	if !b.ExpiresAt.IsZero() {
		f.ExpiresAt = &b.ExpiresAt
	}

	return f
}

func slot(id uuid.UUID, s *bookingevents.Slot) *notification.Slot {
	if s == nil {
		return nil
	}

	return &notification.Slot{
		ID:       id,
		StartsAt: s.StartsAt,
		EndsAt:   s.EndsAt,
		TimeZone: s.TimeZone,
	}
}
