// Package inbox takes in the events that concern sessions.
package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/auth/internal/auth"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/inbox"
)

// Sessions ends sessions.
type Sessions interface {
	AccessChanged(ctx context.Context, userID uuid.UUID, epoch int64) error
}

// Log is the audit log, written in the transaction that remembers the event.
type Log interface {
	RecordIn(ctx context.Context, tx pgx.Tx, e auth.Entry) error
}

// Register subscribes to suspensions and new roles, which end all sessions of a person.
func Register(box *inbox.Inbox, sessions Sessions, log Log) {
	box.Handle(userevents.TopicAccessChanged, func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var changed userevents.AccessChanged
		if err := e.Decode(&changed); err != nil {
			return err
		}

		if err := log.RecordIn(ctx, tx, auth.Entry{Event: auth.EventAccessChanged, UserID: &changed.UserID}); err != nil {
			return err
		}

		return sessions.AccessChanged(ctx, changed.UserID, changed.AccessEpoch)
	})
}
