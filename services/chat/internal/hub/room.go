package hub

import (
	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
)

// room is one session as this replica sees it. It belongs to the hub's lock.
type room struct {
	id uuid.UUID
	// base is the number from which on the room has handed out messages, delivered the one up to which it has, and
	// wanted the highest one that is known to exist.
	base, delivered, wanted int64
	// asked is what was wanted when the store was last asked.
	asked int64
	// members are the sockets of the person whose session it is. Staff are in all rooms.
	members map[*Member]struct{}
	// ending is set when the session has closed, ended when everybody has been told.
	ending *chat.CloseReason
	ended  bool
}

// room returns the session's room, making one that hands out messages from a number on.
func (h *Hub) room(id uuid.UUID, base int64) *room {
	r := h.rooms[id]
	if r == nil {
		r = &room{
			id:        id,
			base:      base,
			delivered: base,
			wanted:    base,
			members:   map[*Member]struct{}{},
		}
		h.rooms[id] = r
	}

	return r
}

// tidy drops a room in which nobody is interested any more.
func (h *Hub) tidy(r *room) {
	if len(r.members) == 0 && (len(h.staff) == 0 || r.ended) {
		delete(h.rooms, r.id)
		delete(h.lagging, r)
	}
}

// want notes that messages up to seq exist; what is missing is fetched.
func (h *Hub) want(r *room, seq int64) {
	r.wanted = max(r.wanted, seq)
	if r.wanted > r.delivered {
		h.lagging[r] = struct{}{}
		signal(h.refill)
	}
}

// take hands a message out if it is the next one, and has what lies before it fetched otherwise. A message for a
// session that nobody here takes part in is none of our business; but one of an unknown session tells staff that it
// has begun.
func (h *Hub) take(m *chat.Message) {
	r := h.rooms[m.SessionID]
	if r == nil {
		if len(h.staff) == 0 {
			return
		}

		r = h.room(m.SessionID, 0)
	}

	switch {
	case m.Seq == r.delivered+1:
		h.handOut(r, m)
	case m.Seq > r.delivered:
		h.want(r, m.Seq)
	}
}

// handOut gives the next message to everybody but the socket that has sent it.
func (h *Hub) handOut(r *room, m *chat.Message) {
	encoded := frame.NewMessage(m)

	give := func(to *Member) {
		mine := m.SenderID == to.Person.UserID && to.own[m.ClientMsgID]
		if mine {
			delete(to.own, m.ClientMsgID)
		}

		if to.hears(r.id, m.Seq) && !mine {
			to.sink.Offer(encoded)
		}
	}
	for to := range r.members {
		give(to)
	}

	for to := range h.staff {
		give(to)
	}

	r.delivered = m.Seq
	r.wanted = max(r.wanted, r.delivered)

	h.metrics.handedOut(h.options.Clock.Now().Sub(m.At))
	h.caughtUp(r)
}

// caughtUp does what had to wait until the room has got all its messages.
func (h *Hub) caughtUp(r *room) {
	if r.delivered < r.wanted {
		return
	}

	delete(h.lagging, r)

	if r.ending == nil || r.ended {
		return
	}

	r.ended = true
	encoded := frame.SessionClosed(r.id, *r.ending)

	tell := func(to *Member) {
		if to.live && !to.away[r.id] { // others are told when they have heard what was said before
			to.sink.Offer(encoded)
		}
	}
	for to := range r.members {
		tell(to)
	}

	for to := range h.staff {
		tell(to)
	}

	h.tidy(r)
}

// end tells everybody that a session has closed, after its last message.
func (h *Hub) end(id uuid.UUID, lastSeq int64, reason chat.CloseReason) {
	r := h.rooms[id]
	if r == nil || r.ending != nil {
		return
	}

	r.ending = &reason
	h.want(r, lastSeq)
	h.caughtUp(r)
}
