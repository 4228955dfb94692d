package hub

import (
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
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
	// Close ends the socket with a close frame and does not wait for that. The first one counts.
	Close(d Disconnect)
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
	// person is what all sockets of the person share; it belongs to the registry.
	person *person
	// What follows belongs to the lock of the streams.

	// live: messages come as they are said. Before, at says from where on they will have to.
	live bool
	at   map[uuid.UUID]int64
	// resumed are the sessions whose numbers in at the client gave, before it was live.
	resumed []uuid.UUID
	// recovering are the sessions of which old messages are just being sent; new ones have to wait.
	recovering map[uuid.UUID]bool
	// skip says up to where the member is ahead of the stream.
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

// offer hands a frame to the socket.
func (m *Member) offer(frame []byte) { m.sink.Offer(frame) }

// hears reports whether the message, which comes now, goes to the member.
func (m *Member) hears(message *chat.Message) bool {
	if !m.live || m.recovering[message.SessionID] {
		return false
	}

	ahead, ok := m.skip[message.SessionID]
	if ok && message.Seq >= ahead {
		delete(m.skip, message.SessionID)
	}

	mine := m.takeOwn(message)

	return !mine && (!ok || message.Seq > ahead)
}

// takeOwn reports whether the message is one that this socket sends, and forgets it: it is acknowledged.
func (m *Member) takeOwn(of *chat.Message) bool {
	mine := of.SenderID == m.Person.UserID && m.own[of.ClientMsgID]
	if mine {
		delete(m.own, of.ClientMsgID)
	}

	return mine
}

// recover makes the member miss what is said in a session, until a replay has brought it back.
func (m *Member) recover(session uuid.UUID) {
	if m.recovering == nil {
		m.recovering = map[uuid.UUID]bool{}
	}

	m.recovering[session] = true
}

// jumpAhead notes that the member has heard more than the stream has delivered.
func (m *Member) jumpAhead(session uuid.UUID, seq int64) {
	if m.skip == nil {
		m.skip = map[uuid.UUID]int64{}
	}

	m.skip[session] = seq
}

// lookAt notes interest in a session.
func (m *Member) lookAt(session uuid.UUID) {
	m.looks = append(slices.DeleteFunc(m.looks, func(id uuid.UUID) bool { return id == session }), session)
	if len(m.looks) > maxLooks {
		m.looks = slices.Delete(m.looks, 0, 1)
	}
}

// looksAt reports whether staff want to know who types and reads in a session. Staff who have not turned to any session
// yet have the list of all of them in front of them.
func (m *Member) looksAt(session uuid.UUID) bool {
	return m.live && (len(m.looks) == 0 || slices.Contains(m.looks, session))
}
