package inbox_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/eventsign"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/pgtest"
)

var schema = pgtest.Schema{
	Name: "course",
	Role: "course_service",
	Migrations: fstest.MapFS{
		"00001_effects.sql": {Data: []byte("-- +goose Up\nCREATE TABLE course.effects (booking text NOT NULL);")},
	},
}

// router stands for the server; the sidecar's token and the events' signatures are its business.
type router struct {
	*gin.Engine

	unproven *atomic.Bool
}

func (r router) FromDapr(method, path string, handlers ...gin.HandlerFunc) {
	say := func(c *gin.Context) {
		c.Request = c.Request.WithContext(eventsign.WithProof(c.Request.Context(), !r.unproven.Load()))
	}

	r.Handle(method, path, append([]gin.HandlerFunc{say}, handlers...)...)
}

type fixture struct {
	pool   *pgxpool.Pool
	inbox  *inbox.Inbox
	router router
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	pool := pgtest.New(t, schema)
	r := router{gin.New(), &atomic.Bool{}}

	box := inbox.New(inbox.Options{
		Pool:   pool,
		Schema: "course",
		Log:    slog.New(slog.DiscardHandler),
		Router: r,
	})

	return &fixture{pool: pool, router: r, inbox: box}
}

// deliver sends an event as the sidecar does and returns the status.
func (f *fixture) deliver(t *testing.T, path, body string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/cloudevents+json")

	w := httptest.NewRecorder()
	f.router.ServeHTTP(w, r)

	return w.Code
}

func (f *fixture) count(t *testing.T, query string) int {
	t.Helper()

	var n int
	if err := f.pool.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}

	return n
}

func insertEffect(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
	var payload struct {
		BookingID string `json:"bookingId"`
	}
	if err := e.Decode(&payload); err != nil {
		return err
	}

	_, err := tx.Exec(ctx, "INSERT INTO course.effects VALUES ($1)", payload.BookingID)

	return err
}

const (
	path  = "/dapr/events/booking.rejected"
	event = `{"specversion":"1.0","id":"e1","type":"booking.rejected","topic":"booking.rejected","pubsubname":"pubsub","data":{"bookingId":"b1"}}`
)

// Handlers that need a connection besides the event's own one don't wait for each other, however many events come at once.
func TestInbox_Handle_ManyEventsWithSecondConnections(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	f.inbox.Handle("booking.rejected", func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		if _, err := f.pool.Exec(ctx, "SELECT pg_sleep(0.01)"); err != nil {
			return err
		}

		return insertEffect(ctx, tx, e)
	})

	events := 4 * int(f.pool.Config().MaxConns)
	answers := make(chan int, events)

	for i := range events {
		go func() { answers <- f.deliver(t, path, strings.Replace(event, `"e1"`, `"e`+strconv.Itoa(i)+`"`, 1)) }()
	}

	for range events {
		g.Eventually(answers).WithTimeout(20 * time.Second).Should(Receive(Equal(http.StatusOK)))
	}

	g.Expect(f.count(t, "SELECT count(*) FROM course.effects")).To(Equal(events))
}

// An event takes effect once.
func TestInbox_Handle_SecondDelivery(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	f.inbox.Handle("booking.rejected", insertEffect)

	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() { g.Expect(f.deliver(t, path, event)).To(Equal(http.StatusOK)) })
	}

	wg.Wait()
	g.Expect(f.deliver(t, path, event)).To(Equal(http.StatusOK), "late and doubled events are fine")
	g.Expect(f.count(t, "SELECT count(*) FROM course.effects")).To(Equal(1))
}

// A failed event is forgotten so that it comes again.
func TestInbox_Handle_FailedEvent(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		reason string
		err    error
		status int
	}{
		"bug":       {"anything else is our fault", errors.New("a bug"), http.StatusInternalServerError},
		"not found": {"Dapr would drop a message for a 404", errs.NotFound, http.StatusInternalServerError},
		"outage":    {"an outage is said to be one", context.DeadlineExceeded, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			f := newFixture(t)
			fail := true
			f.inbox.Handle("booking.rejected", func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
				g.Expect(insertEffect(ctx, tx, e)).To(Succeed())

				if fail {
					return tc.err
				}

				return nil
			})
			g.Expect(f.deliver(t, path, event)).To(Equal(tc.status), tc.reason)
			g.Expect(f.count(t, "SELECT count(*) FROM course.effects")).To(BeZero())

			fail = false

			g.Expect(f.deliver(t, path, event)).To(Equal(http.StatusOK))
			g.Expect(f.count(t, "SELECT count(*) FROM course.effects")).To(Equal(1))
		})
	}
}

// What is no event is refused for good.
func TestInbox_Handle_InvalidEvent(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.inbox.Handle("booking.rejected", insertEffect)

	for name, body := range map[string]string{
		"no JSON":   "poison",
		"no id":     `{"data":{}}`,
		"no data":   `{"id":"x"}`,
		"bad data":  `{"id":"x","data":"text"}`,
		"too large": `{"id":"` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Expect(f.deliver(t, path, body)).To(Equal(http.StatusInternalServerError))
		})
	}
}

// The same ID on another topic is another event.
func TestInbox_Handle_SameIDOnOtherTopic(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	f.inbox.Handle("booking.rejected", insertEffect)
	f.inbox.Handle("booking.expired", insertEffect)
	g.Expect(f.deliver(t, path, event)).To(Equal(http.StatusOK))
	g.Expect(f.deliver(t, "/dapr/events/booking.expired", event)).To(Equal(http.StatusOK))
	g.Expect(f.count(t, "SELECT count(*) FROM course.effects")).To(Equal(2))
}

// Events whose effect need not be remembered need no database.
func TestReceive_WithoutDatabase(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)

	var seen inbox.Event
	f.router.POST("/dapr/events/catalog.changed", inbox.Receive(slog.New(slog.DiscardHandler), func(_ context.Context, e inbox.Event) error {
		seen = e
		return nil
	}))
	g.Expect(f.deliver(t, "/dapr/events/catalog.changed", event)).To(Equal(http.StatusOK))
	g.Expect(seen.ID).To(Equal("e1"))
}

// Dead letters are kept and replayed.
func TestDeadLetters_Replay(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)

	g.Expect(f.deliver(t, letters, event)).To(Equal(http.StatusOK))
	g.Expect(f.deliver(t, letters, event)).To(Equal(http.StatusOK), "it may be delivered twice too")
	g.Expect(f.deliver(t, letters, "poison \x00")).To(Equal(http.StatusOK), "whatever comes is kept")
	g.Expect(f.deliver(t, letters, `{"id":"n","type":"t","data":{"a":"\u0000"}}`)).To(Equal(http.StatusOK), "jsonb cannot hold a NUL")
	g.Expect(waiting(g, f.inbox)).To(Equal(3.0))

	listed, err := f.letters().List(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(listed).To(HaveLen(3))
	g.Expect(listed[0]).To(And(HaveField("ID", "e1"), HaveField("Topic", "booking.rejected")))

	down := func(context.Context, string, string, []byte) error { return errors.New("no sidecar") }
	g.Expect(f.letters().Replay(t.Context(), listed[0], nil, down)).NotTo(Succeed())
	g.Expect(waiting(g, f.inbox)).To(Equal(3.0), "what was not published still waits")

	var replayed []string

	up := func(_ context.Context, topic, id string, data []byte) error {
		replayed = append(replayed, topic, id, string(data))
		return nil
	}
	g.Expect(f.letters().Replay(t.Context(), listed[0], nil, up)).To(Succeed())
	g.Expect(replayed).To(Equal([]string{"booking.rejected", "e1", `{"bookingId": "b1"}`}))
	g.Expect(f.letters().Replay(t.Context(), listed[1], nil, up)).To(MatchError(inbox.ErrNotReplayable))
	g.Expect(waiting(g, f.inbox)).To(Equal(2.0))

	g.Expect(f.deliver(t, letters, event)).To(Equal(http.StatusOK))
	g.Expect(waiting(g, f.inbox)).To(Equal(3.0), "a letter that dies again waits again")
}

// letters are the dead letters, as an operator sees them.
func (f *fixture) letters() *inbox.DeadLetters { return inbox.NewDeadLetters(f.pool, "course") }

func waiting(g *WithT, i *inbox.Inbox) float64 {
	registry := prometheus.NewRegistry()
	g.Expect(registry.Register(i)).To(Succeed())

	families, err := registry.Gather()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(families).To(HaveLen(2))
	g.Expect(families[0].GetName()).To(Equal("shema_dead_letters"))

	return families[0].GetMetric()[0].GetGauge().GetValue()
}
