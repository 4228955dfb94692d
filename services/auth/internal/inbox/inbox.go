// Package inbox takes in the events that concern sessions and the audit log.
package inbox

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/auth/internal/auth"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/inbox"
)

// Sessions ends sessions.
type Sessions interface {
	AccessChanged(ctx context.Context, userID uuid.UUID, epoch int64) error
	EndForGood(ctx context.Context, userID uuid.UUID) error
}

// Log is the audit log. A line with the id of an event is there once, however often it is recorded.
type Log interface {
	RecordIn(ctx context.Context, tx pgx.Tx, e auth.Entry) error
	// RecordSoon records the line together with those that come at the same time.
	RecordSoon(ctx context.Context, e auth.Entry) error
	// ForgetIn deletes what is kept of a person and of their address.
	ForgetIn(ctx context.Context, tx pgx.Tx, userID uuid.UUID, address auth.EmailHash) error
}

// Register subscribes to suspensions and new roles, which end all sessions of a person, to people who leave, and to what
// becomes of bookings.
func Register(box *inbox.Inbox, sessions Sessions, log Log) {
	box.Handle(userevents.TopicAccessChanged, accessChanged(sessions, log))
	box.Handle(userevents.TopicErased, erased(sessions, log))

	for _, topic := range []string{
		bookingevents.TopicCreated, bookingevents.TopicConfirmed, bookingevents.TopicRejected,
		bookingevents.TopicExpired, bookingevents.TopicCancelled,
	} {
		box.HandleRepeatable(topic, bookingChanged(log))
	}
}

func accessChanged(sessions Sessions, log Log) inbox.Handler {
	return func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var changed userevents.AccessChanged
		if err := e.Decode(&changed); err != nil {
			return err
		}

		entry := auth.Entry{
			Event:         auth.EventAccessChanged,
			At:            changed.Timestamp,
			ActorID:       changed.ActorID,
			UserID:        &changed.UserID,
			Client:        auth.Client{RequestID: changed.RequestID},
			Details:       auth.Details{Role: changed.Role, Status: changed.Status},
			SourceEventID: e.ID,
		}
		if err := log.RecordIn(ctx, tx, entry); err != nil {
			return err
		}

		return sessions.AccessChanged(ctx, changed.UserID, changed.AccessEpoch)
	}
}

func erased(sessions Sessions, log Log) inbox.Handler {
	return func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var left userevents.Erased
		if err := e.Decode(&left); err != nil {
			return err
		}

		var address auth.EmailHash
		if n, err := hex.Decode(address[:], []byte(left.EmailHash)); err != nil || n != len(address) {
			return fmt.Errorf("an event %s without the hash of an address", e.ID)
		}

		if err := log.ForgetIn(ctx, tx, left.UserID, address); err != nil {
			return err
		}

		return sessions.EndForGood(ctx, left.UserID)
	}
}

func bookingChanged(log Log) func(ctx context.Context, e inbox.Event) error {
	return func(ctx context.Context, e inbox.Event) error {
		var b bookingevents.Booking
		if err := e.Decode(&b); err != nil {
			return err
		}

		return log.RecordSoon(ctx, auth.Entry{
			Event:         bookingEvent(&b),
			At:            b.Timestamp,
			ActorID:       b.ActorID,
			UserID:        &b.UserID,
			Client:        auth.Client{RequestID: b.RequestID},
			Details:       auth.Details{BookingID: &b.BookingID},
			SourceEventID: e.ID,
		})
	}
}

// bookingEvent names what the event tells of. One topic tells of three ways in which a booking ends before its time.
func bookingEvent(b *bookingevents.Booking) string {
	switch b.EventType {
	case bookingevents.TypeCreated:
		return auth.EventBookingCreated
	case bookingevents.TypeConfirmed:
		return auth.EventBookingConfirmed
	case bookingevents.TypeRejected:
		return auth.EventBookingRejected
	case bookingevents.TypeExpired:
		return auth.EventBookingExpired
	}

	switch convert.Value(b.StatusReason) {
	case bookingevents.ReasonAdmin:
		return auth.EventBookingRevoked
	case bookingevents.ReasonRescheduled:
		return auth.EventBookingMoved
	}

	return auth.EventBookingCancelled
}
