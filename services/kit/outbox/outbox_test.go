package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"go.opentelemetry.io/otel/propagation"

	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
)

const patience = "20s" // the machine may be busy

var schema = pgtest.Schema{
	Name: "course",
	Role: "course_service",
	Migrations: fstest.MapFS{
		"00001_operator.sql": {Data: []byte(`-- +goose Up
GRANT USAGE ON SCHEMA course TO catalog_operator;
GRANT INSERT ON course.outbox_events TO catalog_operator;
CREATE TABLE course.things (id int PRIMARY KEY);`)},
	},
}

type published struct {
	Topic, ID string
	Data      string
	Trace     string
}

// broker remembers what was published; while it is away it refuses.
type broker struct {
	mu     sync.Mutex
	away   bool
	poison string // what is in the data of events that it never takes
	tries  map[string]int
	events []published
}

func (b *broker) publish(_ context.Context, topic string, events []dapr.Event) (failed []string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.tries == nil {
		b.tries = map[string]int{}
	}

	for _, e := range events {
		b.tries[e.ID]++
		if b.poison != "" && strings.Contains(string(e.Data), b.poison) {
			failed, err = append(failed, e.ID), errors.New("one of them")
			continue
		}

		if !b.away {
			b.events = append(b.events, published{Topic: topic, ID: e.ID, Data: string(e.Data), Trace: e.TraceParent})
		}
	}

	if b.away {
		return nil, errors.New("the broker is away")
	}

	return failed, err
}

func (b *broker) setAway(away bool) {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.away = away
}

func (b *broker) seen() []published {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]published(nil), b.events...)
}

func (b *broker) mostTries() int {
	b.mu.Lock()
	defer b.mu.Unlock()

	most := 0
	for _, n := range b.tries {
		most = max(most, n)
	}

	return most
}

func start(t *testing.T, pool *pgxpool.Pool, b *broker, register func(*river.Workers)) *outbox.Outbox {
	t.Helper()

	return run(t, outbox.Options{
		Pool:     pool,
		Schema:   "course",
		Publish:  b.publish,
		Register: register,
	})
}

func run(t *testing.T, o outbox.Options) *outbox.Outbox {
	t.Helper()

	o.Log = slog.New(slog.DiscardHandler)

	box, err := outbox.New(o)
	if err != nil {
		t.Fatal(err)
	}

	box.Start(t.Context())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()

		if err := box.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})

	return box
}

// Events leave if and only if their transaction commits.
func TestOutbox_Publish_CommittedEvents(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	b := &broker{}
	box := start(t, pool, b, nil)
	undone := errors.New("changed my mind")
	err := postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		g.Expect(box.Publish(ctx, tx, "booking.created", map[string]string{"bookingId": "never"})).To(Succeed())

		return undone
	})
	g.Expect(err).To(MatchError(undone))
	g.Expect(postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		return box.Publish(ctx, tx, "booking.created", map[string]string{"bookingId": "1"})
	})).To(Succeed())
	g.Eventually(b.seen, patience).Should(HaveLen(1))

	event := b.seen()[0]
	g.Expect(event.Topic).To(Equal("booking.created"))
	g.Expect(event.Data).To(MatchJSON(`{"bookingId":"1"}`))
	g.Expect(uuid.Validate(event.ID)).To(Succeed())
	g.Consistently(b.seen, "300ms").Should(HaveLen(1))
}

// Publishing goes on until the broker is back.
func TestOutbox_Publish_BrokerAway(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	b := &broker{away: true}
	box := start(t, pool, b, nil)
	g.Expect(postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		return box.Publish(ctx, tx, "catalog.changed", struct{}{})
	})).To(Succeed())
	g.Eventually(b.mostTries, patience).Should(BeNumerically(">=", 3))
	g.Expect(gauges(g, box)).To(And(HaveKeyWithValue("shema_outbox_unpublished", 1.0),
		HaveKeyWithValue("shema_outbox_oldest_seconds", BeNumerically(">", 0))))

	b.setAway(false)
	g.Eventually(b.seen, patience).Should(HaveLen(1))
	g.Expect(b.mostTries()).To(BeNumerically(">=", 4), "always the same id")
	g.Eventually(func() map[string]float64 { return gauges(g, box) }, patience).Should(And(
		HaveKeyWithValue("shema_outbox_unpublished", 0.0), HaveKeyWithValue("shema_outbox_oldest_seconds", 0.0)))
}

// Many events are inserted together or not at all.
func TestInserter_Insert_AllOrNone(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	b := &broker{}
	box := start(t, pool, b, nil)
	publish := func(payloads ...any) error {
		return postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
			return box.PublishAll(ctx, tx, "catalog.changed", payloads)
		})
	}
	g.Expect(publish()).To(Succeed())
	g.Expect(publish(1, "two", func() {})).NotTo(Succeed(), "all or none")
	g.Expect(publish(1, strings.Repeat("x", 16<<10))).To(MatchError(ContainSubstring("events carry ids, not texts")),
		"the length of a stream bounds its memory")

	b.setAway(true)
	g.Expect(publish(1, "two", struct{}{})).To(Succeed())
	g.Eventually(b.mostTries, patience).Should(BeNumerically(">=", 2))
	g.Expect(gauges(g, box)).To(HaveKeyWithValue("shema_outbox_unpublished", 3.0))

	b.setAway(false)
	g.Eventually(b.seen, patience).Should(HaveLen(3))
}

// The operator inserts and the service publishes.
func TestOutbox_Publish_EventsOfOtherProgram(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, schema)
	b := &broker{}
	listening := outbox.Options{Pool: db.Pool(t, "course_service"), Schema: "course", Publish: b.publish, Listens: true}
	run(t, listening)

	operator := db.Pool(t, "catalog_operator")
	inserter, err := outbox.NewInserter(operator, "course", slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(postgres.InTx(t.Context(), operator, func(ctx context.Context, tx pgx.Tx) error {
		return inserter.Telling("course").Publish(ctx, tx, "catalog.changed", map[string]int{"version": 2})
	})).To(Succeed())
	g.Eventually(b.seen, patience).Should(ConsistOf(HaveField("Topic", "catalog.changed")))
}

// A row that another process has in hand is left to it; when its connection ends without a commit it is published by
// one that is there.
func TestOutbox_Publish_EventsOfDeadProcess(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	inserter, err := outbox.NewInserter(pool, "course", slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		return inserter.Publish(ctx, tx, "booking.created", 1)
	})).To(Succeed())

	dying, err := pool.Begin(t.Context())
	g.Expect(err).NotTo(HaveOccurred())

	_, err = dying.Exec(t.Context(), "DELETE FROM course.outbox_events")
	g.Expect(err).NotTo(HaveOccurred())

	b := &broker{}
	box := start(t, pool, b, nil)
	g.Expect(postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		return box.Publish(ctx, tx, "booking.created", 2)
	})).To(Succeed())
	g.Eventually(b.seen, patience).Should(ConsistOf(HaveField("Data", "2")))

	g.Expect(dying.Conn().Close(t.Context())).To(Succeed())

	_ = dying.Rollback(t.Context()) // gives the dead connection back

	g.Eventually(b.seen, patience).Should(ConsistOf(HaveField("Data", "1"), HaveField("Data", "2")))
}

// Events of several requests leave in one batch, each in the trace of the request that has made it.
func TestOutbox_Publish_InTheTraceOfTheRequest(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	inserter, err := outbox.NewInserter(pool, "course", slog.New(slog.DiscardHandler))
	g.Expect(err).NotTo(HaveOccurred())

	for n, parent := range []string{
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "",
	} {
		request := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier{"traceparent": parent})
		g.Expect(postgres.InTx(request, pool, func(ctx context.Context, tx pgx.Tx) error {
			return inserter.Publish(ctx, tx, "booking.created", n)
		})).To(Succeed())
	}

	b := &broker{}
	start(t, pool, b, nil)

	g.Eventually(b.seen, patience).Should(ConsistOf(
		And(HaveField("Data", "0"), HaveField("Trace", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")),
		And(HaveField("Data", "1"), HaveField("Trace", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")),
		And(HaveField("Data", "2"), HaveField("Trace", "")),
	))
}

// One event that the broker never takes holds none of the others up.
func TestOutbox_Publish_UnpublishableEvent(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	b := &broker{poison: "poison"}
	box := start(t, pool, b, nil)
	g.Expect(postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		return box.PublishAll(ctx, tx, "catalog.changed", []any{"good", "poison", "better"})
	})).To(Succeed())
	g.Eventually(b.seen, patience).Should(ConsistOf(HaveField("Data", `"good"`), HaveField("Data", `"better"`)))
	g.Eventually(b.mostTries, patience).Should(BeNumerically(">=", 3))
	g.Expect(b.seen()).To(HaveLen(2), "and the others leave once")
	g.Eventually(func() map[string]float64 { return gauges(g, box) }, patience).
		Should(HaveKeyWithValue("shema_outbox_unpublished", 1.0))
}

type finishArgs struct {
	Booking string `json:"booking"`
}

func (finishArgs) Kind() string { return "finish_booking" }

// A service's job that fails is tried again.
func TestOutbox_Work_FailedJob(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)

	var mu sync.Mutex

	tries := 0
	done := make(chan string, 1)
	box := start(t, pool, &broker{}, func(workers *river.Workers) {
		river.AddWorker(workers, river.WorkFunc(func(_ context.Context, job *river.Job[finishArgs]) error {
			mu.Lock()
			defer mu.Unlock()

			tries++
			switch tries {
			case 1:
				return errors.New("course is away")
			case 2:
				panic("a bug")
			}

			done <- job.Args.Booking

			return nil
		}))
	})
	g.Expect(postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		return box.Insert(ctx, tx, finishArgs{Booking: "b1"}, nil)
	})).To(Succeed())
	g.Eventually(done, patience).Should(Receive(Equal("b1")))
}

// Jobs of a dead process are taken over.
func TestOutbox_Work_JobsOfDeadProcess(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	b := &broker{}
	args, err := json.Marshal(map[string]any{"id": uuid.NewString(), "topic": "booking.created", "data": map[string]string{}})
	g.Expect(err).NotTo(HaveOccurred())

	_, err = pool.Exec(t.Context(), `INSERT INTO course.river_job (kind, args, state, attempt, max_attempts, attempted_at, attempted_by)
		VALUES ('publish_event', $1, 'running', 1, 1000, now() - interval '1 minute', '{dead}')`, args)
	g.Expect(err).NotTo(HaveOccurred())

	start(t, pool, b, nil)
	g.Eventually(b.seen, patience).Should(ConsistOf(HaveField("Topic", "booking.created")))
}

// The outbox starts before its database.
func TestOutbox_Start_DatabaseAway(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool, err := postgres.Open(t.Context(), "postgres://stranger@127.0.0.1:1/nowhere")
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(pool.Close)
	box := start(t, pool, &broker{}, nil)
	g.Expect(gauges(g, box)).To(BeEmpty(), "what is not known is not reported")
}

func gauges(g *WithT, c prometheus.Collector) map[string]float64 {
	registry := prometheus.NewRegistry()
	g.Expect(registry.Register(c)).To(Succeed())

	families, err := registry.Gather()
	g.Expect(err).NotTo(HaveOccurred())

	values := map[string]float64{}
	for _, family := range families {
		values[family.GetName()] = family.GetMetric()[0].GetGauge().GetValue()
	}

	return values
}
