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

// keeper uses the backend as long as that works. Its failures are nobody's business:
// the database has all the answers.
type keeper struct {
	backend Backend
	clock   clock.Clock
	log     *slog.Logger
	// resting is until when the backend is left alone, in nanoseconds of Unix time.
	resting atomic.Int64
}

// get returns what is kept under key, or nothing.
func (k *keeper) get(ctx context.Context, key string) []byte {
	if k.rests() {
		return nil
	}

	ctx, cancel := context.WithTimeout(ctx, backendTimeout)
	defer cancel()

	content, _, err := k.backend.Get(ctx, key)
	if err != nil {
		k.rest(ctx, err)
		return nil
	}

	return content
}

// put keeps content under key.
func (k *keeper) put(ctx context.Context, key string, content []byte, ttl time.Duration) {
	if k.rests() {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, backendTimeout)
	defer cancel()

	if err := k.backend.Put(ctx, key, content, ttl); err != nil {
		k.rest(ctx, err)
	}
}

func (k *keeper) rests() bool { return k.clock.Now().UnixNano() < k.resting.Load() }

func (k *keeper) rest(ctx context.Context, err error) {
	k.resting.Store(k.clock.Now().Add(pause).UnixNano())
	k.log.WarnContext(ctx, "the cache cannot be used", "error", err)
}
