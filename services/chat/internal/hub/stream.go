package hub

import (
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
)

// stream is one session as this replica sees it. It belongs to the lock of the streams.
type stream struct {
	all *streams
	id  uuid.UUID
	// base is the position from which on messages were delivered, delivered the one up to which they were, and needed
	// the highest one that is known to exist.
	base, delivered, needed int64
	// opened is the number after which the session was opened for the last time: 0 unless it was opened again.
	opened int64
	// asked is what was needed when the store was last asked.
	asked int64
	// members are the sockets of the person whose session it is. Staff hear all streams.
	members map[*Member]struct{}
	// closing is set when the session has closed after the message closedSeq, and toldAt when its hearers have been told.
	closing   *chat.CloseReason
	closedSeq int64
	toldAt    time.Time
}

// closed reports whether the session has closed and its hearers were told.
func (s *stream) closed() bool { return s.closing != nil && !s.toldAt.IsZero() }

// accept delivers a message if it is the next one, and has what lies before it fetched otherwise. One that was delivered
// is left out.
func (s *stream) accept(m *chat.Message) {
	switch {
	case m.Seq == s.delivered+1:
		s.deliver(m)
	case m.Seq > s.delivered:
		s.needUpTo(m.Seq)
	}
}

// needUpTo notes that messages up to seq exist; what is missing is fetched.
func (s *stream) needUpTo(seq int64) {
	s.needed = max(s.needed, seq)
	if s.needed > s.delivered {
		s.all.lagging[s] = struct{}{}
		signal(s.all.refill)
	}
}

// deliver gives the next message to all hearers but the socket that has sent it. A message after the closing means that
// the session was opened again.
func (s *stream) deliver(m *chat.Message) {
	if s.closing != nil && m.Seq > s.closedSeq {
		s.closing, s.toldAt, s.opened = nil, time.Time{}, s.closedSeq
	}

	encoded := frame.NewMessage(m)
	s.each(func(to *Member) {
		if to.hears(m) {
			to.offer(encoded)
		}
	})

	s.delivered = m.Seq
	s.needed = max(s.needed, s.delivered)

	if s.opened > 0 && len(s.members) > 0 {
		s.all.reached[s.id] = s.delivered
	}

	s.all.metrics.delivered(s.all.clock.Now().Sub(m.At))
	s.caughtUp()
}

// each calls do with every socket that hears the session.
func (s *stream) each(do func(*Member)) {
	for m := range s.members {
		do(m)
	}

	for m := range s.all.staff {
		do(m)
	}
}

// close tells all hearers that the session has closed, after its last message. A closing that lies before what was
// delivered is an old one: the session was opened again since.
func (s *stream) close(lastSeq int64, reason chat.CloseReason) {
	if s.closing != nil || lastSeq < s.delivered {
		return
	}

	s.closing, s.closedSeq = &reason, lastSeq
	s.needUpTo(lastSeq)
	s.caughtUp()
}

// caughtUp does what had to wait until the stream has got all its messages.
func (s *stream) caughtUp() {
	if s.delivered < s.needed {
		return
	}

	delete(s.all.lagging, s)

	if s.closing == nil || s.closed() {
		return
	}

	s.toldAt = s.all.clock.Now()
	encoded := frame.SessionClosed(s.id, *s.closing)

	s.each(func(to *Member) {
		if to.live && !to.recovering[s.id] { // others are told when they have heard what was said before
			to.offer(encoded)
		}
	})
	s.all.dropIfUnused(s)
}

// show sends a frame to those who look at the session.
func (s *stream) show(encoded []byte, wanted func(*Member) bool) {
	for to := range s.members {
		if to.live && wanted(to) {
			to.offer(encoded)
		}
	}

	for to := range s.all.staff {
		if to.looksAt(s.id) && wanted(to) {
			to.offer(encoded)
		}
	}
}
