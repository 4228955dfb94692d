// Package batch asks together what comes at once: when thousands of clients come back after a failure, a service
// that were asked for each of them would be the next to fail.
package batch

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Gatherer has one question on its way at a time; what is asked meanwhile waits for the next one. It is safe for
// concurrent use.
type Gatherer[K comparable, A any] struct {
	// ask answers a question about all keys; each is there once.
	ask func(keys []K) (A, error)

	mu     sync.Mutex
	next   *question[K, A]
	asking bool
}

// question is about everything that was asked until it left; done is closed when it has been answered.
type question[K comparable, A any] struct {
	keys   map[K]struct{}
	done   chan struct{}
	answer A
	err    error
}

// New returns a gatherer of questions that ask answers.
func New[K comparable, A any](ask func(keys []K) (A, error)) *Gatherer[K, A] {
	return &Gatherer[K, A]{ask: ask}
}

// Answer returns the answer to a question about the keys, and perhaps others, that left after the call. It fails with
// the question, or when the context ends.
func (g *Gatherer[K, A]) Answer(ctx context.Context, keys []K) (A, error) {
	q := g.add(keys)
	select {
	case <-q.done:
		return q.answer, q.err
	case <-ctx.Done():
		var none A
		return none, ctx.Err()
	}
}

func (g *Gatherer[K, A]) add(keys []K) *question[K, A] {
	g.mu.Lock()
	defer g.mu.Unlock()

	if g.next == nil {
		g.next = &question[K, A]{keys: map[K]struct{}{}, done: make(chan struct{})}
	}

	for _, key := range keys {
		g.next.keys[key] = struct{}{}
	}

	q := g.next
	if !g.asking {
		g.asking = true
		go g.work()
	}

	return q
}

// work asks until there is no question any more.
func (g *Gatherer[K, A]) work() {
	for {
		g.mu.Lock()
		q := g.next
		g.next, g.asking = nil, q != nil
		g.mu.Unlock()

		if q == nil {
			return
		}

		q.answer, q.err = g.ask(slices.Collect(maps.Keys(q.keys)))
		close(q.done)
	}
}
