// Package inbox takes in the events that concern people.
package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	bookingevents "github.com/shema-music/shema/services/booking/events"
	"github.com/shema-music/shema/services/kit/inbox"
)

// Activator makes a pending student active, in the transaction.
type Activator interface {
	Activate(ctx context.Context, tx pgx.Tx, id uuid.UUID) error
}

// Register subscribes to the first confirmed booking, which makes a student active.
func Register(box *inbox.Inbox, students Activator) {
	box.Handle(bookingevents.TopicConfirmed, func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var booking bookingevents.Booking
		if err := e.Decode(&booking); err != nil {
			return err
		}
		return students.Activate(ctx, tx, booking.UserID)
	})
}
