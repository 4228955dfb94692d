package hub

import (
	"slices"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
)

// catchUp is one member on its way to where the streams are. It is used by one goroutine, which holds member.replays.
type catchUp struct {
	streams *streams
	member  *Member
	// at says for each session up to where the member has heard it.
	at map[uuid.UUID]int64
	// toEnd are the sessions that are read from the store until it has no more: their streams may not know yet what is
	// there.
	toEnd map[uuid.UUID]bool
	// back are the sessions that the member hears again when it is there; resumed are told so.
	back, resumed []uuid.UUID
}

// position returns from where on a member that is not live has to hear messages; nil if it is live.
func (s *streams) position(m *Member) *catchUp {
	s.mu.Lock()
	defer s.mu.Unlock()

	if m.live {
		return nil
	}

	return &catchUp{
		streams: s,
		member:  m,
		at:      m.at,
		toEnd:   setOf(m.resumed),
		resumed: m.resumed,
	}
}

// beginResume returns how a member hears a session again from a number on; nil if it will when it goes live.
func (s *streams) beginResume(m *Member, session *chat.Session, lastSeq int64) *catchUp {
	s.mu.Lock()
	defer s.mu.Unlock()

	if m.staff() && session.Status == chat.Active {
		// The stream of a session that was opened since the staff joined delivers everything since then.
		s.get(session.ID, session.OpenedSeq).needUpTo(session.LastSeq)
	}

	if !m.live {
		m.at[session.ID] = lastSeq
		m.resumed = append(m.resumed, session.ID)

		return nil
	}

	m.recover(session.ID)

	only := []uuid.UUID{session.ID}

	return &catchUp{
		streams: s,
		member:  m,
		at:      map[uuid.UUID]int64{session.ID: lastSeq},
		toEnd:   setOf(only),
		back:    only,
		resumed: only,
	}
}

// behind returns the sessions of which the member still needs messages. If there are none, it is live from now on.
func (c *catchUp) behind() map[uuid.UUID]int64 {
	c.streams.mu.Lock()
	defer c.streams.mu.Unlock()

	if c.member.staff() && !c.member.live {
		for id, of := range c.streams.byID { // sessions that were opened meanwhile
			if _, known := c.at[id]; !known && of.closing == nil {
				c.at[id] = of.base
			}
		}
	}

	behind := map[uuid.UUID]int64{}
	for id, seq := range c.at {
		if of := c.streams.byID[id]; of == nil || c.toEnd[id] || seq < of.delivered {
			behind[id] = seq
		}

		if len(behind) == replaySessions {
			break
		}
	}

	if len(behind) == 0 {
		c.goLive()
	}

	return behind
}

// goLive lets the member hear what is said from now on.
func (c *catchUp) goLive() {
	m := c.member
	for _, id := range c.back {
		delete(m.recovering, id)
	}

	for id, seq := range c.at {
		delete(m.skip, id)

		of := c.streams.byID[id]
		if seq > of.delivered {
			m.jumpAhead(id, seq)
			of.needUpTo(seq)
		}

		c.tellResumed(id, seq)

		if of.closed() { // those who were recovering were not told with the others
			m.offer(frame.SessionClosed(id, *of.closing))
		}
	}

	m.live, m.at, m.resumed = true, nil, nil
}

// tellResumed ends what a resume has brought.
func (c *catchUp) tellResumed(session uuid.UUID, lastSeq int64) {
	if slices.Contains(c.resumed, session) {
		c.member.offer(frame.Resumed(session, lastSeq))
	}
}

// send hands a message to the member, when its socket has room. One that it has just sent itself is left out, unless the
// client has asked for everything again.
func (c *catchUp) send(m *chat.Message) error {
	c.at[m.SessionID] = m.Seq
	if !slices.Contains(c.resumed, m.SessionID) && c.streams.takeOwn(c.member, m) {
		return nil
	}

	return c.member.sink.Wait(frame.NewMessage(m))
}

// took notes what the store has given: counts says how much of the sessions that were asked for. Those without a stream,
// in which nothing more will be said, are done when all of it was sent.
func (c *catchUp) took(asked map[uuid.UUID]int64, counts map[uuid.UUID]int) {
	c.streams.mu.Lock()
	defer c.streams.mu.Unlock()

	for id := range asked {
		if counts[id] == replayPage {
			continue
		}

		delete(c.toEnd, id)

		if c.streams.byID[id] != nil {
			continue
		}

		c.tellResumed(id, c.at[id])
		c.member.offer(frame.SessionClosed(id, "")) // only closed sessions have no stream
		delete(c.at, id)
	}
}

// abandon lets the member hear sessions live again after a catch-up that broke off with its socket.
func (c *catchUp) abandon() {
	c.streams.mu.Lock()
	defer c.streams.mu.Unlock()

	for _, id := range c.back {
		delete(c.member.recovering, id)
	}
}

func setOf(ids []uuid.UUID) map[uuid.UUID]bool {
	set := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}

	return set
}
