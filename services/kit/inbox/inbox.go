package inbox

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	// tidyEvery is after how many events those are forgotten that will not be delivered again.
	tidyEvery = 1000
	// remembered is how long events and settled dead letters are kept; streams are shorter than that.
	remembered = 30 * 24 * time.Hour
)

// Router is where routes for the sidecar are registered; httpserver.Server is one.
type Router interface {
	FromDapr(method, path string, handlers ...gin.HandlerFunc)
}

// Handler does what an event asks for, within the transaction that remembers the event. An error undoes both; Dapr
// delivers the event again, and in the end to the dead letters.
type Handler func(ctx context.Context, tx pgx.Tx, e Event) error

// Inbox takes in the events of one service. It is made by New.
type Inbox struct {
	pool   *pgxpool.Pool
	schema string
	log    *slog.Logger
	// places are taken by the events that are being handled.
	places  chan struct{}
	router  Router
	handled atomic.Int64
	lost    prometheus.Counter
}

// Options are what an Inbox is made of.
type Options struct {
	Pool *pgxpool.Pool
	// Schema has the tables in which the inbox remembers.
	Schema string
	Log    *slog.Logger
	Router Router
}

// New returns an inbox, and registers where dead letters arrive.
func New(o Options) *Inbox {
	i := &Inbox{
		pool:   o.Pool,
		schema: o.Schema,
		log:    o.Log,
		// Each event holds a connection, and its handler may need one more.
		places: make(chan struct{}, max(1, o.Pool.Config().MaxConns/2)), //nolint:mnd // half of them, so that each gets its second
		router: o.Router,
		lost:   newLostCounter(),
	}
	o.Router.FromDapr(http.MethodPost, "/dapr/dead-letters", i.takeDeadLetter)

	return i
}

// Handle registers the handler for the events of a topic, at POST /dapr/events/<topic>.
func (i *Inbox) Handle(topic string, h Handler) {
	i.router.FromDapr(http.MethodPost, "/dapr/events/"+topic, Receive(i.log, func(ctx context.Context, e Event) error {
		return i.once(ctx, e, topic, h)
	}))
}

// HandleRepeatable registers a handler for the events of a topic whose effect is the same however often an event comes, so
// that the event need not be remembered. An error has Dapr deliver it again, as with Handle.
func (i *Inbox) HandleRepeatable(topic string, h func(ctx context.Context, e Event) error) {
	i.router.FromDapr(http.MethodPost, "/dapr/events/"+topic, Receive(i.log, h))
}

// Receive returns a route for events whose effect need not be remembered, such as dropping a cache entry.
func Receive(log *slog.Logger, h func(ctx context.Context, e Event) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := receive(c, h); err != nil {
			log.WarnContext(c.Request.Context(), "event not handled", "path", c.FullPath(), "error", err)
			httpserver.Fail(c, retryable(err))
			return
		}

		c.JSON(http.StatusOK, gin.H{"status": "SUCCESS"})
	}
}

func receive(c *gin.Context, h func(ctx context.Context, e Event) error) error {
	raw, err := httpserver.ReadBody(c)
	if err != nil {
		return err
	}

	e, err := parse(raw)
	if err != nil {
		return err
	}

	return h(c.Request.Context(), e)
}

// retryable keeps Dapr from taking a domain's 404 for "drop this message".
func retryable(err error) error {
	if e := errs.Classify(err); e.Kind.Status() == http.StatusServiceUnavailable {
		return e
	}

	return errs.Internal.Wrap(err)
}

// once runs the handler unless the event was handled before. The row is written first: a second delivery that runs at
// the same time waits for the first one's end. At most half of the pool's connections are held so: the sidecar delivers ten
// events of a topic at once, and if they held all, handlers that need a second one would wait for each other.
func (i *Inbox) once(ctx context.Context, e Event, topic string, h Handler) error {
	select {
	case i.places <- struct{}{}:
		defer func() { <-i.places }()
	case <-ctx.Done():
		return fmt.Errorf("wait for the events before %s of %s: %w", e.ID, topic, ctx.Err())
	}

	err := postgres.InTx(ctx, i.pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO `+i.table("inbox_events")+` (id, topic) VALUES ($1, $2)
			ON CONFLICT DO NOTHING`, e.ID, topic)
		if err != nil {
			return fmt.Errorf("remember event %s of %s: %w", e.ID, topic, err)
		}

		if tag.RowsAffected() == 0 {
			return nil
		}

		return h(ctx, tx, e)
	})
	if err == nil {
		i.tidy(ctx)
	}

	return err
}

// tidy forgets what is old, after the first event and then now and then: a service that is started often and has few
// events forgets too. The event is done by then, whatever becomes of this.
func (i *Inbox) tidy(ctx context.Context) {
	if i.handled.Add(1)%tidyEvery != 1 {
		return
	}

	err := postgres.DeleteOld(ctx, i.pool,
		postgres.Old{Table: i.table("inbox_events"), Column: "handled_at", Kept: remembered},
		postgres.Old{Table: i.table("dead_letters"), Column: "greatest(replayed_at, dismissed_at)", Kept: remembered})
	if err != nil {
		i.log.WarnContext(ctx, "forget old events", "error", err)
	}
}

func (i *Inbox) table(name string) string { return tableName(i.schema, name) }

func tableName(schema, name string) string { return pgx.Identifier{schema, name}.Sanitize() }
