package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/chat/internal/store/storetest"
	"github.com/shema-music/shema/services/kit/pgtest"
)

const (
	// twoYears is the default of CHAT_RETENTION.
	twoYears     = 2 * 365 * 24 * time.Hour
	closed       = `INSERT INTO chat.chat_sessions (id, user_id, status, closed_at) VALUES (gen_random_uuid(), gen_random_uuid(), 'closed', now())`
	olderSession = `UPDATE chat.chat_sessions SET closed_at = closed_at - $1::interval`
	message      = `INSERT INTO chat.chat_messages (id, session_id, seq, sender, sender_id, message, client_msg_id)
		SELECT gen_random_uuid(), id, 1, 'student', user_id, 'hello', 'once' FROM chat.chat_sessions`
)

func TestStore_DeleteOld_Retention(t *testing.T) {
	t.Parallel()

	pgtest.CheckRetention(t, func(t *testing.T) (*pgxpool.Pool, func(context.Context) error) {
		db := storetest.New(t)

		return db.Pool, func(ctx context.Context) error {
			_, err := db.Store.DeleteOld(ctx, twoYears, 1)
			return errors.Join(err, db.Store.ForgetTickets(ctx))
		}
	}, []pgtest.Retention{
		{
			Table: "chat.chat_sessions",
			Kept:  "2 years",
			Make:  []string{closed},
			Move:  olderSession,
		},
		{
			Table: "chat.chat_messages",
			Kept:  "as long as their session",
			After: "2 years",
			Make:  []string{closed, message},
			Move:  olderSession,
		},
		{
			Table: "chat.read_marks",
			Kept:  "as long as their session",
			After: "2 years",
			Make:  []string{closed, `INSERT INTO chat.read_marks (session_id, user_id, seq) SELECT id, user_id, 1 FROM chat.chat_sessions`},
			Move:  olderSession,
		},
		{
			Table: "chat.tickets",
			Kept:  "30 seconds",
			Make: []string{`INSERT INTO chat.tickets (digest, user_id, auth_session_id, role, token_expires_at, expires_at)
				VALUES ('x', gen_random_uuid(), gen_random_uuid(), 'student', now(), now() + interval '30 seconds')`},
			Column: "expires_at",
		},
		{
			Table: "chat.unpublished_messages",
			Kept:  "seconds",
			After: "2 years", // if none of them can be published until their conversation goes
			Make:  []string{closed, message, `INSERT INTO chat.unpublished_messages SELECT id FROM chat.chat_messages`},
			Move:  olderSession,
		},
		{
			Table:  "chat.erased_people",
			Kept:   "for ever",
			Make:   []string{`INSERT INTO chat.erased_people (user_id) VALUES (gen_random_uuid())`},
			Column: "at",
		},
	}...)
}
