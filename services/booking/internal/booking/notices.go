package booking

import (
	"context"

	"github.com/google/uuid"
)

// NoticeKind is what people are told that no event says.
type NoticeKind string

// LessonReminder goes to student and teacher a day before the lesson, DeadlineWarning to the admins a day before the
// deadline of a booking that waits.
const (
	LessonReminder  NoticeKind = "lesson_reminder"
	DeadlineWarning NoticeKind = "booking_expiring"
	// LessonGiven goes to a teacher who gets a lesson that is confirmed already, LessonLost to the one who had it.
	LessonGiven NoticeKind = "lesson_confirmed"
	LessonLost  NoticeKind = "lesson_revoked"
)

// NoticeStore finds what is due.
type NoticeStore interface {
	// QueueNotices inserts the jobs of up to limit notices of each kind that are due, each once, and returns how many. What
	// is late is told as long as the lesson or the deadline is ahead.
	QueueNotices(ctx context.Context, limit int) (int, error)
}

// Occasion is why people are to be told of a booking.
type Occasion struct {
	Kind      NoticeKind
	BookingID uuid.UUID
	// To is the one who is told; nil where the kind says it.
	To *uuid.UUID
	// Number tells occasions of one kind and booking apart: for LessonGiven and LessonLost it is how often the lesson has
	// changed its teacher.
	Number int64
}

// Message is a notice as the user service takes it.
type Message struct {
	Kind    NoticeKind
	Booking Booking
	// To are the people; none are the admins.
	To []uuid.UUID
	// Number is the occasion's. The same message is told once.
	Number int64
}

// queueNotices gives what is due into work.
func (s *Service) queueNotices(ctx context.Context) error {
	for {
		n, err := s.store.QueueNotices(ctx, sweepBatch)
		if err != nil || n < sweepBatch {
			return err
		}
	}
}

// GiveNotice tells people of a booking, unless it has ended meanwhile. It is the work of a job; an error means that it is
// to be called again, which tells no person twice.
func (s *Service) GiveNotice(ctx context.Context, o Occasion) error {
	b, err := s.find(ctx, o.BookingID)
	if err != nil || b == nil {
		return err
	}

	to, due := o.recipients(b)
	if !due {
		return nil
	}

	return s.users.Tell(ctx, Message{
		Kind:    o.Kind,
		Booking: *b,
		To:      to,
		Number:  o.Number,
	})
}

// recipients returns whom the occasion is for, none being the admins, and whether it still is one. A lesson that ends
// before its new teacher has heard of it is not told; the one who had it hears that it is not theirs, if they had heard that
// it was, which the user service knows.
func (o Occasion) recipients(b *Booking) (to []uuid.UUID, due bool) {
	switch o.Kind {
	case DeadlineWarning:
		return nil, b.Status == Pending
	case LessonReminder:
		to = []uuid.UUID{b.UserID}
		if b.TeacherID != nil {
			to = append(to, *b.TeacherID)
		}

		return to, b.Status == Confirmed
	case LessonGiven:
		return []uuid.UUID{*o.To}, b.Status == Confirmed && b.taughtBy(*o.To)
	case LessonLost:
		return []uuid.UUID{*o.To}, !b.taughtBy(*o.To)
	}

	return nil, false
}

func (b *Booking) taughtBy(person uuid.UUID) bool {
	return b.TeacherID != nil && *b.TeacherID == person
}
