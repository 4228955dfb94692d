// Package inbox takes in the events that concern people.
package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/user/internal/notification"
)

// Activator makes a pending student active, in the transaction.
type Activator interface {
	Activate(ctx context.Context, tx pgx.Tx, id uuid.UUID) error
}

// Notifications keeps what people are told and sends it by mail, all in the transaction.
type Notifications interface {
	// Advance reports whether that state of the booking is newer than what people were told.
	Advance(ctx context.Context, tx pgx.Tx, bookingID uuid.UUID, version int64) (bool, error)
	TellInTx(ctx context.Context, tx pgx.Tx, n *notification.Notice, to []uuid.UUID) error
	TellAdminsInTx(ctx context.Context, tx pgx.Tx, n *notification.Notice) error
}

// Register subscribes to what happens to bookings: people are told, and the first confirmed booking makes a student
// active.
func Register(box *inbox.Inbox, students Activator, told Notifications) {
	c := &consumer{students: students, told: told}
	for topic, tell := range map[string]func(b *bookingevents.Booking) []telling{
		bookingevents.TopicCreated:   created,
		bookingevents.TopicConfirmed: confirmed,
		bookingevents.TopicRejected:  func(*bookingevents.Booking) []telling { return student(notification.BookingRejected) },
		bookingevents.TopicExpired:   func(*bookingevents.Booking) []telling { return student(notification.BookingExpired) },
		bookingevents.TopicCancelled: cancelled,
	} {
		box.Handle(topic, func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
			var b bookingevents.Booking
			if err := e.Decode(&b); err != nil {
				return err
			}

			return c.take(ctx, tx, topic, &b, tell)
		})
	}
}

// audience is who is told something.
type audience int

const (
	toStudent audience = iota
	toTeacher
	toAdmins
)

// telling is one thing that one audience is told.
type telling struct {
	kind notification.Type
	to   audience
}

func student(t notification.Type) []telling { return []telling{{t, toStudent}} }

func created(*bookingevents.Booking) []telling {
	return []telling{{notification.BookingReceived, toStudent}, {notification.BookingCreated, toAdmins}}
}

func confirmed(*bookingevents.Booking) []telling {
	return []telling{{notification.BookingConfirmed, toStudent}, {notification.LessonConfirmed, toTeacher}}
}

// cancelled tells the admins of what the student cancels, and the student of a confirmed lesson that the school takes
// back; who cancels knows it already, and of a moved lesson tells its confirmation. A teacher hears of each confirmed
// lesson that does not take place.
func cancelled(b *bookingevents.Booking) []telling {
	var all []telling

	reason := convert.Value(b.StatusReason)

	switch {
	case reason == bookingevents.ReasonStudent:
		all = append(all, telling{notification.BookingCancelled, toAdmins})
	case reason != bookingevents.ReasonRescheduled && b.ConfirmedSlotID != nil:
		all = append(all, telling{notification.BookingRevoked, toStudent})
	}

	if b.ConfirmedSlotID != nil {
		all = append(all, telling{notification.LessonRevoked, toTeacher})
	}

	return all
}

type consumer struct {
	students Activator
	told     Notifications
}

// take tells people of a booking's state, unless they know a newer one. Whatever comes later, a student who has had a
// confirmed booking is active.
func (c *consumer) take(
	ctx context.Context, tx pgx.Tx, topic string, b *bookingevents.Booking, tell func(b *bookingevents.Booking) []telling,
) error {
	if topic == bookingevents.TopicConfirmed {
		if err := c.students.Activate(ctx, tx, b.UserID); err != nil {
			return err
		}
	}

	fresh, err := c.told.Advance(ctx, tx, b.BookingID, b.StateVersion)
	if err != nil || !fresh {
		return err
	}

	for _, t := range tell(b) {
		if err := c.tell(ctx, tx, t, b); err != nil {
			return err
		}
	}

	return nil
}

func (c *consumer) tell(ctx context.Context, tx pgx.Tx, t telling, b *bookingevents.Booking) error {
	notice := notification.Notice{
		Type:         t.kind,
		Key:          notification.BookingKey(t.kind, b.BookingID, b.StateVersion),
		Facts:        facts(b),
		StateVersion: b.StateVersion,
	}
	if t.kind == notification.LessonRevoked {
		notice.TeacherChange = notification.Terminal
	}

	switch {
	case t.to == toAdmins:
		return c.told.TellAdminsInTx(ctx, tx, &notice)
	case t.to == toStudent:
		return c.told.TellInTx(ctx, tx, &notice, []uuid.UUID{b.UserID})
	case b.TeacherID != nil:
		return c.told.TellInTx(ctx, tx, &notice, []uuid.UUID{*b.TeacherID})
	}

	return nil
}
