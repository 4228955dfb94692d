// Package singleflight lets many callers who ask the same thing at the same time share one answer, without ever giving
// any caller an answer that was asked for before the last change.
package singleflight

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/shema-music/shema/services/kit/clock"
)

// Group runs at most one call per key. It is made by NewGroup, and safe for concurrent use.
type Group[K comparable, V any] struct {
	clock           clock.Clock
	maxAge, timeout time.Duration

	mu         sync.Mutex
	generation uint64
	calls      map[K]*call[V]
}

type call[V any] struct {
	started    time.Time
	generation uint64
	done       chan struct{}
	value      V
	err        error
}

// NewGroup returns a group whose running calls are joined for at most maxAge after they began, and are given up after
// timeout.
func NewGroup[K comparable, V any](c clock.Clock, maxAge, timeout time.Duration) *Group[K, V] {
	return &Group[K, V]{
		clock:   c,
		maxAge:  maxAge,
		timeout: timeout,
		calls:   map[K]*call[V]{},
	}
}

// Do returns the answer of the running call for key, or of a new one. A call goes on when its callers leave. If it
// succeeds, and Forget was not called since it began, keep is told its value and when it began; keep must not call
// the group.
func (g *Group[K, V]) Do(
	ctx context.Context, key K, do func(context.Context) (V, error), keep func(value V, started time.Time),
) (V, error) {
	c, mine := g.join(key)
	if mine {
		go g.run(context.WithoutCancel(ctx), key, c, do, keep)
	}

	select {
	case <-c.done:
		return c.value, c.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// Forget makes the answers of all running calls good for those only who wait for them already.
func (g *Group[K, V]) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()

	g.generation++
}

func (g *Group[K, V]) join(key K) (c *call[V], mine bool) {
	now := g.clock.Now()
	g.mu.Lock()
	defer g.mu.Unlock()

	if c, ok := g.calls[key]; ok && c.generation == g.generation && now.Sub(c.started) <= g.maxAge {
		return c, false
	}

	c = &call[V]{started: now, generation: g.generation, done: make(chan struct{})}
	g.calls[key] = c

	return c, true
}

func (g *Group[K, V]) run(
	ctx context.Context, key K, c *call[V], do func(context.Context) (V, error), keep func(V, time.Time),
) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	defer close(c.done)
	defer g.finish(key, c, keep)
	defer func() {
		// The callers' handlers recover from panics of their own; this goroutine has no handler that would.
		if reason := recover(); reason != nil {
			c.err = fmt.Errorf("panic: %v", reason)
		}
	}()

	c.value, c.err = do(ctx)
}

func (g *Group[K, V]) finish(key K, c *call[V], keep func(V, time.Time)) {
	g.mu.Lock()
	defer g.mu.Unlock()

	if g.calls[key] == c {
		delete(g.calls, key)
	}

	if c.err == nil && c.generation == g.generation {
		keep(c.value, c.started)
	}
}
