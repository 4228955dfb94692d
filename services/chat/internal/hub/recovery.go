package hub

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
)

const (
	// replayPage is how many messages of one session are read at a time, replaySessions of how many sessions.
	replayPage     = 200
	replaySessions = 50
	// storeTimeout bounds one question to the store, and storePause is how long after a failure it is asked again.
	storeTimeout = 4 * time.Second
	storePause   = 250 * time.Millisecond
	// overlap is by how much two questions for changes overlap: a change becomes visible some time after the moment that
	// it bears, at most as long as a transaction may take.
	overlap = 10 * time.Second
	// pollAtMost is the shortest time between two questions.
	pollAtMost = 50 * time.Millisecond
)

var errSocketClosed = errors.New("the socket has closed")

// recovery fetches from the store what members have missed, and what streams know of and have not got.
type recovery struct {
	store     Store
	names     Names
	streams   *streams
	metrics   *Metrics
	log       *slog.Logger
	pollEvery time.Duration
	// poll asks for a look at the store.
	poll chan struct{}
	// replays are those that run beside their sockets' readers.
	replays sync.WaitGroup
}

func newRecovery(o *Options, s *streams, m *Metrics) *recovery {
	return &recovery{
		store:     o.Store,
		names:     o.Names,
		streams:   s,
		metrics:   m,
		log:       o.Log,
		pollEvery: o.PollEvery,
		poll:      make(chan struct{}, 1),
	}
}

// wait returns when no replay runs any more.
func (r *recovery) wait() { r.replays.Wait() }

func (r *recovery) goLive(ctx context.Context, m *Member) error {
	m.replays.Lock()
	defer m.replays.Unlock()

	c := r.streams.position(m)
	if c == nil {
		return nil
	}

	return r.catchUp(ctx, c)
}

func (r *recovery) resume(ctx context.Context, m *Member, s *chat.Session, lastSeq int64) error {
	m.replays.Lock()
	defer m.replays.Unlock()

	c := r.streams.beginResume(m, s, min(lastSeq, s.LastSeq))
	if c == nil {
		return nil
	}

	return r.catchUp(ctx, c)
}

// catchUp sends messages until the member is where the streams are, and lets it hear them live from there on.
func (r *recovery) catchUp(ctx context.Context, c *catchUp) error {
	for {
		behind := c.behind()
		if len(behind) == 0 {
			return nil
		}

		found, err := r.missing(ctx, c.member, behind)
		if err != nil {
			c.abandon()
			return err
		}

		counts := map[uuid.UUID]int{}
		for i := range found {
			if err := c.send(&found[i]); err != nil {
				c.abandon()
				return err
			}

			counts[found[i].SessionID]++
		}

		c.took(behind, counts)
	}
}

// missing asks the store until it answers, or the socket closes.
func (r *recovery) missing(ctx context.Context, m *Member, behind map[uuid.UUID]int64) ([]chat.Message, error) {
	for {
		found, err := r.fetch(ctx, behind)
		if err == nil {
			return found, nil
		}

		r.log.WarnContext(ctx, "a socket waits for old messages", "error", err)

		select {
		case <-time.After(storePause):
		case <-m.sink.Done():
			return nil, errSocketClosed
		}
	}
}

func (r *recovery) fetch(ctx context.Context, after map[uuid.UUID]int64) ([]chat.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	found, err := r.store.Missing(ctx, after, replayPage)
	if err != nil {
		return nil, err
	}

	r.names.Fill(ctx, found)

	return found, nil
}

// pause waits; it reports false if the context ends first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
