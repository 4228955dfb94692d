// Package inbox takes in the events that concern people, and works the jobs that send them mail.
package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/user/internal/notification"
)

// Activator makes a pending student active, in the transaction.
type Activator interface {
	Activate(ctx context.Context, tx pgx.Tx, id uuid.UUID) error
}

// Notifications keeps what people are told and sends it by mail, all in the transaction.
type Notifications interface {
	Recipient(ctx context.Context, tx pgx.Tx, id uuid.UUID) (notification.Recipient, bool, error)
	Admins(ctx context.Context, tx pgx.Tx) ([]notification.Recipient, error)
	Add(ctx context.Context, tx pgx.Tx, n *notification.Notification) error
}

// Register subscribes to what happens to bookings: people are told, and the first confirmed booking makes a student
// active.
func Register(box *inbox.Inbox, students Activator, told Notifications) {
	c := &consumer{told: told}
	handle(box, bookingevents.TopicCreated, c.created)
	handle(box, bookingevents.TopicConfirmed, func(ctx context.Context, tx pgx.Tx, b *bookingevents.Booking) error {
		if err := students.Activate(ctx, tx, b.UserID); err != nil {
			return err
		}

		return c.tellStudent(ctx, tx, notification.BookingConfirmed, b)
	})
	handle(box, bookingevents.TopicRejected, c.student(notification.BookingRejected))
	handle(box, bookingevents.TopicExpired, c.student(notification.BookingExpired))
	handle(box, bookingevents.TopicCancelled, c.cancelled)
}

type handler func(ctx context.Context, tx pgx.Tx, b *bookingevents.Booking) error

func handle(box *inbox.Inbox, topic string, h handler) {
	box.Handle(topic, func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var booking bookingevents.Booking
		if err := e.Decode(&booking); err != nil {
			return err
		}

		return h(ctx, tx, &booking)
	})
}

type consumer struct{ told Notifications }

// created tells every active admin that there is something to decide.
func (c *consumer) created(ctx context.Context, tx pgx.Tx, b *bookingevents.Booking) error {
	student, _, err := c.told.Recipient(ctx, tx, b.UserID)
	if err != nil {
		return err
	}

	admins, err := c.told.Admins(ctx, tx)
	if err != nil {
		return err
	}

	for i := range admins {
		if err := c.tell(ctx, tx, notification.BookingCreated, facts(b, student.FullName), &admins[i]); err != nil {
			return err
		}
	}

	return nil
}

// cancelled tells the student of a lesson that was confirmed and then revoked. Whoever cancels a booking that waits
// knows it already.
func (c *consumer) cancelled(ctx context.Context, tx pgx.Tx, b *bookingevents.Booking) error {
	if b.ConfirmedSlotID == nil {
		return nil
	}

	return c.tellStudent(ctx, tx, notification.BookingCancelled, b)
}

func (c *consumer) student(t notification.Type) handler {
	return func(ctx context.Context, tx pgx.Tx, b *bookingevents.Booking) error {
		return c.tellStudent(ctx, tx, t, b)
	}
}

// tellStudent does nothing if there is no such person.
func (c *consumer) tellStudent(ctx context.Context, tx pgx.Tx, t notification.Type, b *bookingevents.Booking) error {
	student, found, err := c.told.Recipient(ctx, tx, b.UserID)
	if err != nil || !found {
		return err
	}

	return c.tell(ctx, tx, t, facts(b, student.FullName), &student)
}

func (c *consumer) tell(ctx context.Context, tx pgx.Tx, t notification.Type, f *notification.Facts, to *notification.Recipient) error {
	n, err := notification.New(t, f, to)
	if err != nil {
		return err
	}

	return c.told.Add(ctx, tx, &n)
}
