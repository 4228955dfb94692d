package cache_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/course/internal/cache"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/course/internal/store/storetest"
	"github.com/shema-music/shema/services/kit/clock"
)

// memory is a state store. When gate is set, a Put tells arrived and waits for gate.
type memory struct {
	mu            sync.Mutex
	entries       map[string][]byte
	ttls          map[string]time.Duration
	gets          int
	failure       error
	arrived, gate chan struct{}
}

func newMemory() *memory {
	return &memory{entries: map[string][]byte{}, ttls: map[string]time.Duration{}}
}

func (m *memory) Get(_ context.Context, key string) ([]byte, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.gets++

	return m.entries[key], "1", m.failure
}

func (m *memory) Put(_ context.Context, key string, value []byte, ttl time.Duration) error {
	m.mu.Lock()
	arrived, gate := m.arrived, m.gate
	m.arrived, m.gate = nil, nil
	m.mu.Unlock()

	if gate != nil {
		close(arrived)
		<-gate
	}

	m.mu.Lock()
	defer m.mu.Unlock()

	m.entries[key], m.ttls[key] = value, ttl

	return m.failure
}

// hold makes the next Put wait; arrived closes when it is there, release lets it go on.
func (m *memory) hold() (arrived <-chan struct{}, release func()) {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.arrived, m.gate = make(chan struct{}), make(chan struct{})
	gate := m.gate

	return m.arrived, func() { close(gate) }
}

// counted counts what reaches the database.
type counted struct {
	*store.Store

	mu    sync.Mutex
	loads int
	gate  chan struct{}
}

func (c *counted) Available(ctx context.Context, q course.AvailableQuery) (course.Page[course.Slot], course.Version, error) {
	c.mu.Lock()
	c.loads++
	gate := c.gate
	c.mu.Unlock()

	if gate != nil {
		<-gate
	}

	return c.Store.Available(ctx, q)
}

type world struct {
	*storetest.School

	source  *counted
	backend *memory
	clock   *clock.Fake
	cache   *cache.Catalogue
	piano   uuid.UUID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{School: storetest.NewSchool(t), backend: newMemory(), clock: clock.NewFake(time.Unix(0, 0))}
	w.source = &counted{Store: store.New(w.Service)}
	w.cache = cache.New(cache.Options{
		Source:  w.source,
		Backend: w.backend,
		Clock:   w.clock,
		Log:     slog.New(slog.DiscardHandler),
	})
	w.piano = w.Course("piano", "Piano")

	return w
}

func (w *world) available(t *testing.T) []uuid.UUID {
	t.Helper()

	page, err := w.cache.Available(t.Context(), course.AvailableQuery{Limit: 20})
	if err != nil {
		t.Fatal(err)
	}

	ids := make([]uuid.UUID, len(page.Items))
	for i, slot := range page.Items {
		ids[i] = slot.ID
	}

	return ids
}
