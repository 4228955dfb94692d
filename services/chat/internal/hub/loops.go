package hub

import (
	"context"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/shema-music/shema/services/chat/internal/chat"
)

const (
	// overlap is by how much two questions for changes overlap: a change becomes visible some time after the moment that
	// it bears, at most as long as a transaction may take.
	overlap = 10 * time.Second
	// pollAtMost is the shortest time between two questions.
	pollAtMost = 50 * time.Millisecond
)

// Run fetches what got lost, until the context ends.
func (h *Hub) Run(ctx context.Context) {
	var loops errgroup.Group
	loops.Go(func() error { h.refillLoop(ctx); return nil })
	loops.Go(func() error { h.pollLoop(ctx); return nil })
	_ = loops.Wait()
}

// pollLoop asks the store what has changed, regularly and when the bus was interrupted.
func (h *Hub) pollLoop(ctx context.Context) {
	ticker := time.NewTicker(h.options.PollEvery)
	defer ticker.Stop()

	var since time.Time
	for {
		now, err := h.pollOnce(ctx, since)
		switch {
		case err == nil:
			since = now.Add(-overlap)
		case ctx.Err() == nil:
			h.options.Log.WarnContext(ctx, "could not ask what has changed", "error", err)
		}

		if !pause(ctx, pollAtMost) {
			return
		}

		select {
		case <-ctx.Done():
			return
		case <-h.poll:
		case <-ticker.C:
		}
	}
}

func (h *Hub) pollOnce(ctx context.Context, since time.Time) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	epoch := h.currentEpoch()

	changed, now, err := h.options.Store.ChangedSince(ctx, since)
	if err != nil {
		return time.Time{}, err
	}

	h.mu.Lock()
	defer h.mu.Unlock()

	for i := range changed {
		h.compare(&changed[i], epoch)
	}

	return now, nil
}

// compare makes a room follow what the store says about its session.
func (h *Hub) compare(s *chat.Session, epoch int) {
	if s.Status == chat.Closed {
		h.end(s.ID, s.LastSeq, s.Reason)
		return
	}

	r := h.rooms[s.ID]
	if r == nil && len(h.staff) > 0 && epoch == h.epoch {
		r = h.room(s.ID, 0) // it has begun since the staff came
	}

	if r != nil {
		h.want(r, s.LastSeq)
	}
}

func (h *Hub) currentEpoch() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.epoch
}

// refillLoop fetches messages that rooms know of and have not got, for many rooms at once.
func (h *Hub) refillLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.refill:
		}

		for {
			wanted := h.wantedMessages()
			if len(wanted) == 0 {
				break
			}

			if err := h.refillOnce(ctx, wanted); err != nil {
				if ctx.Err() == nil {
					h.options.Log.WarnContext(ctx, "could not fetch missing messages", "error", err)
				}

				if !pause(ctx, storePause) {
					return
				}
			}
		}
	}
}

func (h *Hub) wantedMessages() map[uuid.UUID]int64 {
	h.mu.Lock()
	defer h.mu.Unlock()

	wanted := make(map[uuid.UUID]int64, min(len(h.lagging), replaySessions))
	for r := range h.lagging {
		r.asked = r.wanted
		if wanted[r.id] = r.delivered; len(wanted) == replaySessions {
			break
		}
	}

	return wanted
}

func (h *Hub) refillOnce(ctx context.Context, wanted map[uuid.UUID]int64) error {
	found, err := h.fetch(ctx, wanted)
	if err != nil {
		return err
	}

	counts := map[uuid.UUID]int{}
	for i := range found {
		counts[found[i].SessionID]++
	}

	h.mu.Lock()
	defer h.mu.Unlock()

	for i := range found {
		if counts[found[i].SessionID] < replayPage {
			h.take(&found[i])
		} else {
			h.jump(ctx, &found[i])
		}
	}

	h.metrics.refilled.Add(float64(len(found)))

	for id := range wanted {
		r, all := h.rooms[id], counts[id] < replayPage
		// What the store does not have does not exist, whatever the bus has said before we asked.
		if r != nil && all && r.wanted == r.asked && r.delivered == wanted[id]+int64(counts[id]) {
			r.wanted = r.delivered
			h.caughtUp(r)
		}
	}

	return nil
}

// jump passes over a message in a room that is far behind: so much at once would overrun the sockets' queues, so each
// of them gets it at its own speed.
func (h *Hub) jump(ctx context.Context, m *chat.Message) {
	r := h.rooms[m.SessionID]
	if r == nil || m.Seq <= r.delivered {
		return
	}

	send := func(to *Member) {
		if !to.live || to.away[r.id] {
			return // it is on its way already
		}

		to.leave(r.id)

		from := r.delivered

		if ahead, ok := to.skip[r.id]; ok {
			from = max(from, ahead)
		}

		go func() {
			to.replays.Lock()
			defer to.replays.Unlock()

			_ = h.replay(context.WithoutCancel(ctx), to, r.id, from) // it fails only with the socket
		}()
	}
	for to := range r.members {
		send(to)
	}

	for to := range h.staff {
		send(to)
	}

	r.delivered = m.Seq
	h.caughtUp(r)
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
