package hub

import (
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/auth"
)

// maxLooks is how many sessions one socket of an admin may look at.
const maxLooks = 32

// Sink is one socket.
type Sink interface {
	// Offer queues a frame and does not wait; a socket whose reader is too slow closes instead.
	Offer(frame []byte)
	// Wait queues a frame when there is room. It fails when the socket closes.
	Wait(frame []byte) error
	// Close ends the socket with a close frame and does not wait for that.
	Close(code int, reason string)
	// Done is closed with the socket.
	Done() <-chan struct{}
}

// Member is one socket and who is behind it.
type Member struct {
	Person auth.Principal
	// Session is the person's own chat session; staff have none.
	Session uuid.UUID

	sink Sink
	// replays is held while old messages are sent, so that two replays don't mix.
	replays sync.Mutex

	// What follows belongs to the hub's lock.

	// live: messages come as they are said. Before, at says from where on they will have to.
	live bool
	at   map[uuid.UUID]int64
	// resumes: at holds numbers that the client gave.
	resumes bool
	// away are the sessions of which old messages are just being sent; new ones have to wait.
	away map[uuid.UUID]bool
	// skip says up to where the member is ahead of the room.
	skip map[uuid.UUID]int64
	// own are messages of this socket, by the client's name for them: it gets an acknowledgement instead.
	own map[string]bool
	// looks are the sessions that an admin has shown interest in over this socket, the latest last.
	looks []uuid.UUID
}

// NewMember returns a member that has not joined. Session is the person's own chat session, if they have one.
func NewMember(p auth.Principal, session uuid.UUID, sink Sink) *Member {
	return &Member{Person: p, Session: session, sink: sink}
}

func (m *Member) staff() bool { return m.Person.Role == auth.Admin }

// hears reports whether the message with that number goes to the member now.
func (m *Member) hears(session uuid.UUID, seq int64) bool {
	if !m.live || m.away[session] {
		return false
	}

	ahead, ok := m.skip[session]
	if ok && seq >= ahead {
		delete(m.skip, session)
	}

	return !ok || seq > ahead
}

// leave makes the member miss what is said in a session, until a replay has brought it back.
func (m *Member) leave(session uuid.UUID) {
	if m.away == nil {
		m.away = map[uuid.UUID]bool{}
	}

	m.away[session] = true
}

// Look notes that the member shows interest in a session.
func (h *Hub) Look(m *Member, session uuid.UUID) {
	if !m.staff() {
		return
	}

	h.mu.Lock()
	defer h.mu.Unlock()

	m.looks = append(slices.DeleteFunc(m.looks, func(id uuid.UUID) bool { return id == session }), session)
	if len(m.looks) > maxLooks {
		m.looks = slices.Delete(m.looks, 0, 1)
	}
}

// looksAt reports whether staff want to know who types and reads in a session. Who has not turned to any session yet
// has the list of all of them in front of them.
func (m *Member) looksAt(session uuid.UUID) bool {
	return m.live && (len(m.looks) == 0 || slices.Contains(m.looks, session))
}

// Expect announces that the socket sends a message which it must not get back.
func (h *Hub) Expect(m *Member, clientMsgID string) {
	h.mu.Lock()
	defer h.mu.Unlock()

	if m.own == nil {
		m.own = map[string]bool{}
	}

	m.own[clientMsgID] = true
}

// Settle takes Expect back if the message has passed, or was not written at all (seq 0).
func (h *Hub) Settle(m *Member, session uuid.UUID, clientMsgID string, seq int64) {
	h.mu.Lock()
	defer h.mu.Unlock()

	if r := h.rooms[session]; r == nil || seq <= r.delivered {
		delete(m.own, clientMsgID)
	}
}
