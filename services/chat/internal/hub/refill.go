package hub

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
)

// pollLoop asks the store what has changed, regularly and when the bus was interrupted.
func (r *recovery) pollLoop(ctx context.Context) {
	ticker := time.NewTicker(r.pollEvery)
	defer ticker.Stop()

	var since time.Time
	for {
		now, err := r.pollOnce(ctx, since)
		switch {
		case err == nil:
			since = now.Add(-overlap)
		case ctx.Err() == nil:
			r.log.WarnContext(ctx, "could not ask what has changed", "error", err)
		}

		if !pause(ctx, pollAtMost) {
			return
		}

		select {
		case <-ctx.Done():
			return
		case <-r.poll:
		case <-ticker.C:
		}
	}
}

func (r *recovery) pollOnce(ctx context.Context, since time.Time) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	epoch := r.streams.currentEpoch()

	changed, now, err := r.store.ChangedSince(ctx, since)
	if err != nil {
		return time.Time{}, err
	}

	r.streams.compare(changed, epoch)

	if reached := r.streams.takeReached(); reached != nil {
		// What is lost here costs a person a mail about a message that was heard.
		if err := r.store.NoteDelivered(ctx, reached); err != nil {
			r.log.WarnContext(ctx, "could not note what was delivered", "error", err)
		}
	}

	return now, nil
}

// refillLoop fetches messages that streams know of and have not got, for many streams at once.
func (r *recovery) refillLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.streams.refill:
		}

		for {
			needed := r.streams.neededMessages()
			if len(needed) == 0 {
				break
			}

			if err := r.refillOnce(ctx, needed); err != nil {
				if ctx.Err() == nil {
					r.log.WarnContext(ctx, "could not fetch missing messages", "error", err)
				}

				if !pause(ctx, storePause) {
					return
				}
			}
		}
	}
}

// neededMessages returns after which numbers messages of lagging streams are needed.
func (s *streams) neededMessages() map[uuid.UUID]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()

	needed := make(map[uuid.UUID]int64, min(len(s.lagging), replaySessions))
	for of := range s.lagging {
		of.asked = of.needed
		if needed[of.id] = of.delivered; len(needed) == replaySessions {
			break
		}
	}

	return needed
}

func (r *recovery) refillOnce(ctx context.Context, needed map[uuid.UUID]int64) error {
	found, err := r.fetch(ctx, needed)
	if err != nil {
		return err
	}

	for _, behind := range r.streams.refilled(found, needed) {
		r.replays.Go(func() { r.replayFarBehind(ctx, behind) })
	}

	r.metrics.refilled.Add(float64(len(found)))

	return nil
}

// replayFarBehind sends a member what its stream has passed over, at the member's own speed.
func (r *recovery) replayFarBehind(ctx context.Context, c *catchUp) {
	c.member.replays.Lock()
	defer c.member.replays.Unlock()

	_ = r.catchUp(context.WithoutCancel(ctx), c) // it fails only with the socket
}

// refilled takes in what the store has given for lagging streams. It returns the members that have to catch up by
// themselves, because so much was missing that their queues would be overrun.
func (s *streams) refilled(found []chat.Message, needed map[uuid.UUID]int64) (farBehind []*catchUp) {
	counts := map[uuid.UUID]int{}
	for i := range found {
		counts[found[i].SessionID]++
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	for i := range found {
		of := s.byID[found[i].SessionID]
		switch {
		case of == nil:
		case counts[of.id] < replayPage:
			of.accept(&found[i])
		default:
			farBehind = append(farBehind, of.passOver(&found[i])...)
		}
	}

	for id, after := range needed {
		of, all := s.byID[id], counts[id] < replayPage
		// What the store does not have does not exist, whatever the bus has said before we asked.
		if of != nil && all && of.needed == of.asked && of.delivered == after+int64(counts[id]) {
			of.needed = of.delivered
			of.caughtUp()
		}
	}

	return farBehind
}

// passOver counts a message as delivered that the members fetch for themselves.
func (s *stream) passOver(m *chat.Message) (members []*catchUp) {
	if m.Seq <= s.delivered {
		return nil
	}

	s.each(func(to *Member) {
		if !to.live || to.recovering[s.id] || to.skip[s.id] >= m.Seq {
			return // it is on its way already
		}

		to.recover(s.id)

		members = append(members, &catchUp{
			streams: s.all,
			member:  to,
			at:      map[uuid.UUID]int64{s.id: max(s.delivered, to.skip[s.id])},
			toEnd:   map[uuid.UUID]bool{s.id: true},
			back:    []uuid.UUID{s.id},
		})
	})

	s.delivered = m.Seq
	s.caughtUp()

	return members
}
