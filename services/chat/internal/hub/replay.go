package hub

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
)

const (
	// replayPage is how many messages of one session are read at a time, replaySessions of how many sessions.
	replayPage     = 200
	replaySessions = 50
	// storeTimeout bounds one question to the store, and storePause is how long after a failure it is asked again.
	storeTimeout = 4 * time.Second
	storePause   = 250 * time.Millisecond
)

var errSocketClosed = errors.New("the socket has closed")

// GoLive lets the member hear messages as they are said, after those that were said since it joined. Doing it again is
// harmless.
func (h *Hub) GoLive(ctx context.Context, m *Member) error {
	m.replays.Lock()
	defer m.replays.Unlock()

	at, resumes := h.waiting(m)
	if at == nil {
		return nil
	}

	return h.catchUp(ctx, m, at, resumes)
}

// waiting returns from where on a member that is not live has to hear messages, and whether it has asked for that.
func (h *Hub) waiting(m *Member) (at map[uuid.UUID]int64, resumes bool) {
	h.mu.Lock()
	defer h.mu.Unlock()

	if m.live {
		return nil, false
	}

	return m.at, m.resumes
}

// Resume sends all messages of a session after a number again, in order, and then what is said from now on, without
// gaps or doubles in between. A member that is not live yet begins there when it goes live.
func (h *Hub) Resume(ctx context.Context, m *Member, s *chat.Session, lastSeq int64) error {
	m.replays.Lock()
	defer m.replays.Unlock()

	lastSeq = min(lastSeq, s.LastSeq)
	if h.resumeLater(m, s, lastSeq) {
		return nil
	}

	return h.replay(ctx, m, s.ID, lastSeq)
}

// replay sends what was said in a session, which the member is away from, and then lets it hear the session again.
func (h *Hub) replay(ctx context.Context, m *Member, session uuid.UUID, lastSeq int64) error {
	err := h.catchUp(ctx, m, map[uuid.UUID]int64{session: lastSeq}, true, session)
	if err == nil {
		return nil
	}

	h.mu.Lock()
	defer h.mu.Unlock()

	delete(m.away, session)

	return err
}

func (h *Hub) resumeLater(m *Member, s *chat.Session, lastSeq int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()

	if m.staff() && s.Status == chat.Active {
		// A room for a session that has begun since the staff joined hands out everything.
		h.want(h.room(s.ID, 0), s.LastSeq)
	}

	if !m.live {
		m.at[s.ID], m.resumes = lastSeq, true
		return true
	}

	m.leave(s.ID)

	return false
}

// catchUp sends messages until the member is where the rooms are, and makes it live there; it is not away from the
// sessions back any more then. With force it looks into the store at least once: the room may not know yet what is there.
func (h *Hub) catchUp(ctx context.Context, m *Member, at map[uuid.UUID]int64, force bool, back ...uuid.UUID) error {
	for {
		behind := h.behind(m, at, force, back)
		if len(behind) == 0 {
			return nil
		}

		force = false

		found, err := h.missing(ctx, m, behind)
		if err != nil {
			return err
		}

		counts := map[uuid.UUID]int{}
		for i := range found {
			if err := m.sink.Wait(frame.NewMessage(&found[i])); err != nil {
				return err
			}

			at[found[i].SessionID] = found[i].Seq
			counts[found[i].SessionID]++
		}

		h.dropFinished(m, at, behind, counts)
	}
}

// behind returns the sessions of which the member still needs messages. If there are none, it is live from now on.
func (h *Hub) behind(m *Member, at map[uuid.UUID]int64, force bool, back []uuid.UUID) map[uuid.UUID]int64 {
	h.mu.Lock()
	defer h.mu.Unlock()

	if m.staff() && !m.live {
		for id, r := range h.rooms { // sessions that have begun meanwhile
			if _, known := at[id]; !known && r.ending == nil {
				at[id] = r.base
			}
		}
	}

	behind := map[uuid.UUID]int64{}
	for id, seq := range at {
		if r := h.rooms[id]; r == nil || force || seq < r.delivered {
			behind[id] = seq
		}

		if len(behind) == replaySessions {
			break
		}
	}

	if len(behind) == 0 {
		for _, id := range back {
			delete(m.away, id)
		}

		h.makeLive(m, at)
	}

	return behind
}

func (h *Hub) makeLive(m *Member, at map[uuid.UUID]int64) {
	for id, seq := range at {
		delete(m.skip, id)

		if seq > h.rooms[id].delivered {
			if m.skip == nil {
				m.skip = map[uuid.UUID]int64{}
			}

			m.skip[id] = seq
			h.want(h.rooms[id], seq)
		}

		if r := h.rooms[id]; r.ended { // those who were away were not told with the others
			m.sink.Offer(frame.SessionClosed(id, *r.ending))
		}
	}

	m.live, m.at = true, nil
}

// dropFinished forgets sessions without a room, in which nothing more will be said, when all of it was sent.
func (h *Hub) dropFinished(m *Member, at, asked map[uuid.UUID]int64, counts map[uuid.UUID]int) {
	h.mu.Lock()
	defer h.mu.Unlock()

	for id := range asked {
		if h.rooms[id] != nil || counts[id] == replayPage {
			continue
		}

		delete(at, id)
		m.sink.Offer(frame.SessionClosed(id, "")) // only closed sessions have no room
	}
}

// missing asks the store until it answers, or the socket closes.
func (h *Hub) missing(ctx context.Context, m *Member, behind map[uuid.UUID]int64) ([]chat.Message, error) {
	for {
		found, err := h.fetch(ctx, behind)
		if err == nil {
			return found, nil
		}

		h.options.Log.WarnContext(ctx, "a socket waits for old messages", "error", err)

		select {
		case <-time.After(storePause):
		case <-m.sink.Done():
			return nil, errSocketClosed
		}
	}
}

func (h *Hub) fetch(ctx context.Context, after map[uuid.UUID]int64) ([]chat.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	found, err := h.options.Store.Missing(ctx, after, replayPage)
	if err != nil {
		return nil, err
	}

	h.options.Names.Fill(ctx, found)

	return found, nil
}
