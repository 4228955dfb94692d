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
	noteMessage      = "message"
	noteClosed       = "closed"
	noteTyping       = "typing"
	noteRead         = "read"
	noteNotification = "notification"
)

// note is what replicas tell each other. It may get lost, come twice, or in another order: messages are put in order
// by their numbers, and the rest is worth nothing a moment later.
type note struct {
	Origin  uuid.UUID     `json:"origin"`
	Kind    string        `json:"kind"`
	Message *chat.Message `json:"message,omitempty"`
	// Opened is the number after which the message's session was opened.
	Opened  int64            `json:"opened,omitempty"`
	Typing  *frame.Sign      `json:"typing,omitempty"`
	Read    *frame.Mark      `json:"read,omitempty"`
	LastSeq int64            `json:"last_seq,omitempty"`
	Reason  chat.CloseReason `json:"reason,omitempty"`
	// Notification is the id of one that the person got whom the note is about.
	Notification uuid.UUID `json:"notification,omitzero"`
}

func (h *Hub) tell(about uuid.UUID, n note) {
	n.Origin = h.origin

	payload, err := json.Marshal(n)
	if err != nil {
		h.log.Error("encode a note", "error", err) // only if a type above is wrong
		return
	}

	h.bus.Publish(about, payload)
}

// Publish implements chat.Live.
func (h *Hub) Publish(p *chat.Publication) {
	h.streams.publish(&p.Message, p.OpenedSeq)
	h.tell(p.Message.SessionID, note{Kind: noteMessage, Message: &p.Message, Opened: p.OpenedSeq})
}

// CloseSession implements chat.Live.
func (h *Hub) CloseSession(s *chat.Session) {
	h.streams.closeSession(s.ID, s.LastSeq, s.Reason)
	h.tell(s.ID, note{Kind: noteClosed, LastSeq: s.LastSeq, Reason: s.Reason})
}

// Notify implements chat.Live.
func (h *Hub) Notify(userID, notification uuid.UUID) {
	h.notifier.notify(userID, notification)
	h.tell(userID, note{Kind: noteNotification, Notification: notification})
}

// Typing tells those who look at the session, other than the person, that the person is writing.
func (h *Hub) Typing(s *frame.Sign) {
	h.typing(s)
	h.tell(s.SessionID, note{Kind: noteTyping, Typing: s})
}

// Read tells those who look at the session how far a person has read; from is the socket over which they said so.
func (h *Hub) Read(from *Member, m *frame.Mark) {
	h.read(from, m)
	h.tell(m.SessionID, note{Kind: noteRead, Read: m})
}

func (h *Hub) typing(s *frame.Sign) {
	h.streams.show(s.SessionID, frame.Typing(s), func(to *Member) bool { return to.Person.UserID != s.SenderID })
}

func (h *Hub) read(from *Member, m *frame.Mark) {
	h.streams.show(m.SessionID, frame.Read(m), func(to *Member) bool { return to != from })
}

// Receive takes in what the bus brought about a session or a person. What it does not understand is taken as a hint that
// something has happened.
func (h *Hub) Receive(_ context.Context, about uuid.UUID, payload []byte) {
	var n note

	err := json.Unmarshal(payload, &n)
	switch {
	case err == nil && n.Origin == h.origin:
	case err == nil && n.Kind == noteMessage && n.Message != nil && n.Message.SessionID == about && n.Message.Seq > 0:
		h.streams.publish(n.Message, max(0, n.Opened))
	case err == nil && n.Kind == noteClosed:
		h.streams.closeSession(about, n.LastSeq, n.Reason)
	case err == nil && n.Kind == noteTyping && n.Typing != nil && n.Typing.SessionID == about:
		h.typing(n.Typing)
	case err == nil && n.Kind == noteRead && n.Read != nil && n.Read.SessionID == about:
		h.read(nil, n.Read)
	case err == nil && n.Kind == noteNotification && n.Notification != uuid.Nil:
		h.notifier.notify(about, n.Notification) //nolint:contextcheck // the question is asked for several notes together
	default:
		h.Reconcile()
	}
}
