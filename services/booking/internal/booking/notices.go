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
)

// NoticeStore finds what is due.
type NoticeStore interface {
	// QueueNotices inserts the jobs of up to limit notices of each kind that are due, each once, and returns how many. What
	// is late is told as long as the lesson or the deadline is ahead.
	QueueNotices(ctx context.Context, limit int) (int, error)
}

// Message is a notice as the user service takes it.
type Message struct {
	Kind    NoticeKind
	Booking Booking
	// To are the people; none are the admins.
	To []uuid.UUID
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
// to be called again, which tells nobody twice.
func (s *Service) GiveNotice(ctx context.Context, kind NoticeKind, id uuid.UUID) error {
	b, err := s.find(ctx, id)
	if err != nil || b == nil {
		return err
	}

	message := Message{Kind: kind, Booking: *b}

	switch {
	case kind == DeadlineWarning && b.Status == Pending:
	case kind == LessonReminder && b.Status == Confirmed:
		message.To = []uuid.UUID{b.UserID}
		if b.TeacherID != nil {
			message.To = append(message.To, *b.TeacherID)
		}
	default:
		return nil
	}

	return s.users.Tell(ctx, message)
}
