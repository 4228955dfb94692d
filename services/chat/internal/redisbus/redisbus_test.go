package redisbus_test

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/shema-music/shema/services/chat/internal/redisbus"
	"github.com/shema-music/shema/services/kit/redistest"
)

// receiver remembers what came.
type receiver struct {
	mu         sync.Mutex
	notes      map[uuid.UUID][]string
	reconciled atomic.Int64
}

func (r *receiver) Receive(_ context.Context, session uuid.UUID, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.notes[session] = append(r.notes[session], string(payload))
}

func (r *receiver) Reconcile() { r.reconciled.Add(1) }

func (r *receiver) count(session uuid.UUID) func() int {
	return func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.notes[session])
	}
}

func start(t *testing.T, server *redistest.Redis) (*redisbus.Bus, *receiver) {
	t.Helper()

	return startAt(t, server.URL())
}

func startAt(t *testing.T, url string) (*redisbus.Bus, *receiver) {
	t.Helper()

	bus, err := redisbus.Open(url, slog.New(slog.DiscardHandler))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	to := &receiver{notes: map[uuid.UUID][]string{}}
	ctx, stop := context.WithCancel(context.Background())

	done := make(chan struct{})
	go func() { defer close(done); bus.Run(ctx, to) }()

	t.Cleanup(func() {
		stop()
		NewWithT(t).Eventually(done, "10s").Should(BeClosed())
	})
	NewWithT(t).Eventually(to.reconciled.Load, "10s").Should(BeNumerically(">", 0))

	return bus, to
}

// Notes reach all replicas in their order.
func TestBus_Publish_Order(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	server := redistest.Start(t)
	a, here := start(t, server)
	_, there := start(t, server)
	session := uuid.New()

	const count = 2000
	for i := range count {
		a.Publish(session, []byte{byte(i), byte(i >> 8)})
	}

	for _, to := range []*receiver{here, there} {
		g.Eventually(to.count(session), "10s").Should(Equal(count))

		for i, note := range to.notes[session] {
			g.Expect(note).To(Equal(string([]byte{byte(i), byte(i >> 8)})))
		}
	}
}

// A bus goes on when Redis has come back.
func TestBus_Run_RedisRestart(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	server := redistest.Start(t)
	bus, to := start(t, server)
	session := uuid.New()

	g.Expect(connected(g, bus)).To(BeEquivalentTo(1))

	server.Kill()
	g.Eventually(func() float64 { return connected(g, bus) }, "10s").Should(BeZero())

	before := to.reconciled.Load()

	for range 10_000 { // more than may wait; the publisher is not held up
		bus.Publish(session, []byte("lost"))
	}

	server.Restart(t)
	g.Eventually(to.reconciled.Load, "10s").Should(BeNumerically(">", before), "so that what was lost is looked for")
	g.Eventually(func() int {
		bus.Publish(session, []byte("found"))
		return to.count(session)()
	}, "10s").Should(BeNumerically(">", 0))
	g.Expect(connected(g, bus)).To(BeEquivalentTo(1))
}

// What other programs publish is harmless.
func TestBus_Run_ForeignNotes(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	server := redistest.Start(t)
	_, to := start(t, server)
	options, err := redis.ParseURL(server.URL())
	g.Expect(err).NotTo(HaveOccurred())

	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()

	session := uuid.New()

	g.Expect(client.Publish(t.Context(), "chat:session:hello", "x").Err()).To(Succeed())
	g.Expect(client.Publish(t.Context(), "chat:session:"+session.String(), "wake up").Err()).To(Succeed())
	g.Eventually(to.count(session)).Should(Equal(1))
	g.Expect(to.notes).To(HaveLen(1))
}

func TestAddresses(t *testing.T) {
	t.Parallel()

	_, err := redisbus.Open("http://:a-secret@redis", slog.New(slog.DiscardHandler))
	NewWithT(t).Expect(err).To(MatchError(And(ContainSubstring("REDIS_URL"), Not(ContainSubstring("a-secret")))))
}

// connected returns the metric that says whether Redis is there.
func connected(g *WithT, bus *redisbus.Bus) float64 {
	registry := prometheus.NewRegistry()
	registry.MustRegister(bus)
	families, err := registry.Gather()
	g.Expect(err).NotTo(HaveOccurred())

	for _, family := range families {
		if family.GetName() == "shema_chat_redis_connected" {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}

	return -1
}
