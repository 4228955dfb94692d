package hub

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
)

// Kinds of notes.
const (
	noteMessage = "message"
	noteEnded   = "ended"
	noteTyping  = "typing"
	noteRead    = "read"
)

// note is what replicas tell each other. It may get lost, come twice, or in another order: messages are put in order
// by their numbers, and the rest is worth nothing a moment later.
type note struct {
	Origin  uuid.UUID        `json:"origin"`
	Kind    string           `json:"kind"`
	Message *chat.Message    `json:"message,omitempty"`
	Typing  *frame.Sign      `json:"typing,omitempty"`
	Read    *frame.Mark      `json:"read,omitempty"`
	LastSeq int64            `json:"last_seq,omitempty"`
	Reason  chat.CloseReason `json:"reason,omitempty"`
}

func (h *Hub) publish(session uuid.UUID, n note) {
	n.Origin = h.origin

	payload, err := json.Marshal(n)
	if err != nil {
		h.options.Log.Error("encode a note", "error", err) // only if a type above is wrong
		return
	}

	h.options.Bus.Publish(session, payload)
}

// Said implements chat.Live.
func (h *Hub) Said(m *chat.Message) {
	h.mu.Lock()
	h.take(m)
	h.mu.Unlock()
	h.publish(m.SessionID, note{Kind: noteMessage, Message: m})
}

// Ended implements chat.Live.
func (h *Hub) Ended(s *chat.Session) {
	h.mu.Lock()
	h.end(s.ID, s.LastSeq, s.Reason)
	h.mu.Unlock()
	h.publish(s.ID, note{Kind: noteEnded, LastSeq: s.LastSeq, Reason: s.Reason})
}

// Typing tells those who look at the session, other than the person, that the person is writing.
func (h *Hub) Typing(s *frame.Sign) {
	h.typing(s)
	h.publish(s.SessionID, note{Kind: noteTyping, Typing: s})
}

// Read tells those who look at the session how far somebody has read; from is the socket over which they said so.
func (h *Hub) Read(from *Member, m *frame.Mark) {
	h.read(from, m)
	h.publish(m.SessionID, note{Kind: noteRead, Read: m})
}

func (h *Hub) typing(s *frame.Sign) {
	encoded := frame.Typing(s)
	h.show(s.SessionID, encoded, func(to *Member) bool { return to.Person.UserID != s.SenderID })
}

func (h *Hub) read(from *Member, m *frame.Mark) {
	encoded := frame.Read(m)
	h.show(m.SessionID, encoded, func(to *Member) bool { return to != from })
}

// show sends a frame to those who look at a session.
func (h *Hub) show(session uuid.UUID, encoded []byte, wanted func(*Member) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()

	r := h.rooms[session]
	if r == nil {
		return
	}

	for to := range r.members {
		if to.live && wanted(to) {
			to.sink.Offer(encoded)
		}
	}

	for to := range h.staff {
		if to.looksAt(session) && wanted(to) {
			to.sink.Offer(encoded)
		}
	}
}

// Receive takes in what the bus brought for a session. What it does not understand is taken as a hint that something
// has happened there.
func (h *Hub) Receive(_ context.Context, session uuid.UUID, payload []byte) {
	var n note

	err := json.Unmarshal(payload, &n)
	switch {
	case err == nil && n.Origin == h.origin:
	case err == nil && n.Kind == noteMessage && n.Message != nil && n.Message.SessionID == session && n.Message.Seq > 0:
		h.mu.Lock()
		h.take(n.Message)
		h.mu.Unlock()
	case err == nil && n.Kind == noteEnded:
		h.mu.Lock()
		h.end(session, n.LastSeq, n.Reason)
		h.mu.Unlock()
	case err == nil && n.Kind == noteTyping && n.Typing != nil && n.Typing.SessionID == session:
		h.typing(n.Typing)
	case err == nil && n.Kind == noteRead && n.Read != nil && n.Read.SessionID == session:
		h.read(nil, n.Read)
	default:
		h.Reconcile()
	}
}
