package hub

import (
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/clock"
)

// linger is how long the stream of a closed session is kept for staff: a note that comes late must not look like a new
// session.
const linger = time.Minute

// streams are the sessions that a member here takes part in; all open ones while there is staff. It is safe for
// concurrent use.
type streams struct {
	clock   clock.Clock
	metrics *Metrics
	// refill wakes who fetches what streams need.
	refill chan struct{}

	mu   sync.Mutex
	byID map[uuid.UUID]*stream
	// staff are the admins among the members: all messages of all sessions go to them.
	staff map[*Member]struct{}
	// lagging are the streams that know of messages they have not got.
	lagging map[*stream]struct{}
	// reached are sessions that were opened again, and up to where their persons have heard them since.
	reached map[uuid.UUID]int64
	// epoch counts how often streams for all open sessions were made: what was read before may speak of sessions that
	// have closed since.
	epoch int
}

func newStreams(c clock.Clock, m *Metrics) *streams {
	return &streams{
		clock:   c,
		metrics: m,
		refill:  make(chan struct{}, 1),
		byID:    map[uuid.UUID]*stream{},
		staff:   map[*Member]struct{}{},
		lagging: map[*stream]struct{}{},
		reached: map[uuid.UUID]int64{},
	}
}

// get returns the session's stream, making one that delivers messages from a number on.
func (s *streams) get(id uuid.UUID, base int64) *stream {
	found := s.byID[id]
	if found == nil {
		found = &stream{
			all:       s,
			id:        id,
			base:      base,
			delivered: base,
			needed:    base,
			opened:    base,
			members:   map[*Member]struct{}{},
		}
		s.byID[id] = found
	}

	return found
}

// dropIfUnused drops a stream that no member hears any more.
func (s *streams) dropIfUnused(of *stream) {
	if len(of.members) > 0 {
		return
	}

	if len(s.staff) == 0 || (of.closed() && s.clock.Now().Sub(of.toldAt) > linger) {
		delete(s.byID, of.id)
		delete(s.lagging, of)
	}
}

// join lets a member take part in sessions, from their last numbers on.
func (s *streams) join(m *Member, sessions []chat.Session) {
	s.mu.Lock()
	defer s.mu.Unlock()

	m.at = make(map[uuid.UUID]int64, len(sessions))
	for i := range sessions {
		session := &sessions[i]
		to := s.get(session.ID, session.LastSeq)
		to.opened = session.OpenedSeq
		to.needUpTo(session.LastSeq)

		m.at[session.ID] = session.LastSeq
		if !m.staff() {
			to.members[m] = struct{}{}
		}
	}

	if m.staff() {
		s.staff[m] = struct{}{}
		if len(s.staff) == 1 {
			s.epoch++
		}
	}
}

func (s *streams) leave(m *Member) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if of := s.byID[m.Session]; of != nil {
		delete(of.members, m)
		s.dropIfUnused(of)
	}

	if !m.staff() {
		return
	}

	delete(s.staff, m)

	for _, of := range s.byID {
		s.dropIfUnused(of)
	}
}

// publish takes in a message of a session that was opened after the number opened. One for a session that no member here
// takes part in is none of our business; but one of an unknown session tells staff that it has been opened.
func (s *streams) publish(m *chat.Message, opened int64) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.byID[m.SessionID] == nil && len(s.staff) == 0 {
		return
	}

	s.get(m.SessionID, min(opened, m.Seq-1)).accept(m)
}

// closeSession takes in that a session has closed.
func (s *streams) closeSession(id uuid.UUID, lastSeq int64, reason chat.CloseReason) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if of := s.byID[id]; of != nil {
		of.close(lastSeq, reason)
	}
}

// compare makes the streams follow what the store said about sessions when the epoch was this one.
func (s *streams) compare(changed []chat.Change, epoch int) {
	s.mu.Lock()
	defer s.mu.Unlock()

	for i := range changed {
		s.compareOne(&changed[i], epoch)
	}

	for _, of := range s.byID {
		if of.closed() {
			s.dropIfUnused(of)
		}
	}
}

func (s *streams) compareOne(session *chat.Change, epoch int) {
	of := s.byID[session.ID]
	if session.Status == chat.Closed {
		if of != nil {
			of.close(session.LastSeq, session.Reason)
		}

		return
	}

	if of == nil && len(s.staff) > 0 && epoch == s.epoch {
		of = s.get(session.ID, session.OpenedSeq) // it was opened since the staff came
	}

	if of != nil {
		of.needUpTo(session.LastSeq)
	}
}

func (s *streams) currentEpoch() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.epoch
}

// show sends a frame to those who look at a session.
func (s *streams) show(session uuid.UUID, encoded []byte, wanted func(*Member) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if of := s.byID[session]; of != nil {
		of.show(encoded, wanted)
	}
}

func (s *streams) look(m *Member, session uuid.UUID) {
	if !m.staff() {
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	m.lookAt(session)
}

func (s *streams) expect(m *Member, clientMsgID string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if m.own == nil {
		m.own = map[string]bool{}
	}

	m.own[clientMsgID] = true
}

// takeOwn reports whether the member expects an acknowledgement of the message instead of the message.
func (s *streams) takeOwn(m *Member, of *chat.Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return m.takeOwn(of)
}

func (s *streams) settle(m *Member, session uuid.UUID, clientMsgID string, seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()

	// A member that catches up has yet to pass it.
	if of := s.byID[session]; of == nil || (seq <= of.delivered && !m.recovering[session]) || seq == 0 {
		delete(m.own, clientMsgID)
	}
}

// takeReached returns up to where persons have heard sessions that were opened again, and forgets it.
func (s *streams) takeReached() map[uuid.UUID]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()

	if len(s.reached) == 0 {
		return nil
	}

	reached := maps.Clone(s.reached)
	clear(s.reached)

	return reached
}

func (s *streams) laggingCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lagging)
}
