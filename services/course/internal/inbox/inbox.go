// Package inbox takes in what has become of bookings. The booking service has settled
// most of them by a call already; the events are for when that call failed.
package inbox

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/inbox"
)

// Register subscribes to every end that a booking can find. Within returns a settler
// that works inside of a transaction.
func Register(box *inbox.Inbox, within func(pgx.Tx) course.Settler) {
	handler := func(confirms bool) inbox.Handler {
		return func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
			settlement, err := read(e, confirms)
			if err != nil {
				return err
			}

			_, err = course.Settle(ctx, within(tx), settlement)

			return err
		}
	}
	box.Handle(bookingevents.TopicConfirmed, handler(true))
	box.Handle(bookingevents.TopicRejected, handler(false))
	box.Handle(bookingevents.TopicCancelled, handler(false))
	box.Handle(bookingevents.TopicExpired, handler(false))
}

// read returns what the event decides. A cancelled booking may name a slot too, which it
// had before it was revoked: that one goes back.
func read(e inbox.Event, confirms bool) (course.Settlement, error) {
	var data bookingevents.Booking
	if err := e.Decode(&data); err != nil {
		return course.Settlement{}, err
	}

	if data.BookingID == uuid.Nil {
		return course.Settlement{}, fmt.Errorf("event %s of %s names no booking", e.ID, e.Topic)
	}

	if !confirms {
		return course.Settlement{BookingID: data.BookingID}, nil
	}

	if data.ConfirmedSlotID == nil {
		return course.Settlement{}, fmt.Errorf("event %s of %s names no confirmed slot", e.ID, e.Topic)
	}

	return course.Settlement{
		BookingID: data.BookingID,
		Confirmed: data.ConfirmedSlotID,
		Replaces:  data.Replaces,
	}, nil
}
