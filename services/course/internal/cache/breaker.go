package cache

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// backendTimeout is what a reader waits for the state store at most.
	backendTimeout = 200 * time.Millisecond
	// pause is how long the state store is left alone after it has failed.
	pause = time.Second
)

// breaker uses the backend as long as that works. Its failures are hidden from readers:
// the database has all the answers.
type breaker struct {
	backend Backend
	clock   clock.Clock
	log     *slog.Logger
	// resting is until when the backend is left alone, in nanoseconds of Unix time.
	resting atomic.Int64
}

// get returns what is kept under key, or nothing.
func (b *breaker) get(ctx context.Context, key string) []byte {
	if b.open() {
		return nil
	}

	ctx, cancel := context.WithTimeout(ctx, backendTimeout)
	defer cancel()

	content, _, err := b.backend.Get(ctx, key)
	if err != nil {
		b.trip(ctx, err)
		return nil
	}

	return content
}

// put keeps content under key.
func (b *breaker) put(ctx context.Context, key string, content []byte, ttl time.Duration) {
	if b.open() {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, backendTimeout)
	defer cancel()

	if err := b.backend.Put(ctx, key, content, ttl); err != nil {
		b.trip(ctx, err)
	}
}

func (b *breaker) open() bool { return b.clock.Now().UnixNano() < b.resting.Load() }

func (b *breaker) trip(ctx context.Context, err error) {
	b.resting.Store(b.clock.Now().Add(pause).UnixNano())
	b.log.WarnContext(ctx, "the cache cannot be used", "error", err)
}
