package inbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/pgtest"
)

const letter = `INSERT INTO course.dead_letters (id, topic, event) VALUES ('e1', 'booking.created', '{}')`

func TestInbox_Tidy_Retention(t *testing.T) {
	t.Parallel()

	pgtest.CheckRetention(t, func(t *testing.T) (*pgxpool.Pool, func(context.Context) error) {
		pool := pgtest.New(t, schema)
		return pool, func(ctx context.Context) error { return firstEvent(ctx, t, pool) }
	}, []pgtest.Retention{
		{
			Table:  "inbox_events",
			Kept:   "30 days",
			Rows:   "course.inbox_events",
			Make:   []string{`INSERT INTO course.inbox_events (id, topic) VALUES ('e1', 'booking.created')`},
			Column: "handled_at",
		},
		{
			Table: "dead_letters",
			Kept:  "30 days",
			Rows:  "course.dead_letters",
			Make:  []string{letter, `UPDATE course.dead_letters SET replayed_at = now()`},
			Move:  `UPDATE course.dead_letters SET replayed_at = replayed_at - $1::interval`,
		},
		{
			Table: "dead_letters",
			Kept:  "30 days after that",
			After: "30 days",
			Rows:  "course.dead_letters",
			Make:  []string{letter, `UPDATE course.dead_letters SET dismissed_at = now()`},
			Move:  `UPDATE course.dead_letters SET dismissed_at = dismissed_at - $1::interval`,
		},
		{
			Table:  "dead_letters",
			Kept:   "until they are replayed or dismissed",
			Rows:   "course.dead_letters",
			Make:   []string{letter},
			Column: "received_at",
		},
	}...)
}

// firstEvent is what makes a service that has just been started forget.
func firstEvent(ctx context.Context, t *testing.T, pool *pgxpool.Pool) error {
	t.Helper()

	f := &fixture{pool: pool, router: router{gin.New(), &atomic.Bool{}}}
	f.inbox = inbox.New(inbox.Options{
		Pool:   pool,
		Schema: "course",
		Log:    slog.New(slog.DiscardHandler),
		Router: f.router,
	})
	f.inbox.Handle("catalog.changed", func(context.Context, pgx.Tx, inbox.Event) error { return nil })

	event := fmt.Sprintf(`{"id":"%s","type":"catalog.changed","data":{}}`, uuid.NewString())
	if status := f.deliver(t, "/dapr/events/catalog.changed", event); status != http.StatusOK {
		return fmt.Errorf("the event was answered with %d", status)
	}

	_, err := pool.Exec(ctx, `DELETE FROM course.inbox_events WHERE topic = 'catalog.changed'`)

	return err
}
