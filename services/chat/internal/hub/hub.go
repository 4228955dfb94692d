// Package hub hands messages to the sockets of this replica: each exactly once and in order, whatever way they come,
// from a sender here, over Redis from another replica, or from the database after something got lost.
package hub

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/clock"
)

// Store is where everything is that was ever said.
type Store interface {
	// Missing returns up to limit messages of each of several sessions with numbers above those given, in order.
	Missing(ctx context.Context, after map[uuid.UUID]int64, limit int) ([]chat.Message, error)
	// ChangedSince returns sessions that changed since a moment of the database's clock, and its time now; since the
	// zero moment none.
	ChangedSince(ctx context.Context, since time.Time) (found []chat.Session, now time.Time, err error)
}

// Names fills in senders' names that the store does not have.
type Names interface {
	Fill(ctx context.Context, messages []chat.Message)
}

// Bus wakes the other replicas. What it loses is found in the store a moment later.
type Bus interface {
	// Publish sends a payload to all replicas and does not wait for that.
	Publish(sessionID uuid.UUID, payload []byte)
}

// Options are what a Hub is made of.
type Options struct {
	Store Store
	Names Names
	Bus   Bus
	Clock clock.Clock
	Log   *slog.Logger
	// PollEvery is how often the store is asked what has changed, in case the bus has lost something.
	PollEvery time.Duration
	// MaxSockets is how many sockets one person may have here.
	MaxSockets int
}

// ErrTooManySockets and ErrStopping say why somebody can't join.
var (
	ErrTooManySockets = errors.New("this person has too many sockets")
	ErrStopping       = errors.New("the service is stopping")
)

// Hub knows the sockets of this replica. It implements chat.Live and is safe for concurrent use.
type Hub struct {
	options Options
	origin  uuid.UUID
	metrics *Metrics
	// refill and poll wake the loops of Run.
	refill, poll chan struct{}

	mu       sync.Mutex
	stopping bool
	members  map[*Member]struct{}
	// staff are the admins among the members: all messages of all sessions go to them.
	staff   map[*Member]struct{}
	perUser map[uuid.UUID]int
	// rooms are the sessions that somebody here takes part in; all open ones while there is staff.
	rooms map[uuid.UUID]*room
	// lagging are the rooms that know of messages they have not got.
	lagging map[*room]struct{}
	// epoch counts how often rooms for all open sessions were made: what was read before may speak of sessions that
	// have closed since.
	epoch int
}

// New returns a hub without sockets; Run must run beside it.
func New(o Options) *Hub {
	h := &Hub{
		options: o,
		origin:  uuid.New(),
		refill:  make(chan struct{}, 1),
		poll:    make(chan struct{}, 1),
		members: map[*Member]struct{}{},
		staff:   map[*Member]struct{}{},
		perUser: map[uuid.UUID]int{},
		rooms:   map[uuid.UUID]*room{},
		lagging: map[*room]struct{}{},
	}
	h.metrics = newMetrics(h)

	return h
}

// Join adds a member and the sessions that it is told of, as they were a moment ago: its own one, or all open ones for
// staff. It hears nothing yet: that begins with GoLive, from the numbers in sessions on.
func (h *Hub) Join(m *Member, sessions []chat.Session) error {
	h.mu.Lock()
	defer h.mu.Unlock()

	switch {
	case h.stopping:
		return ErrStopping
	case h.perUser[m.Person.UserID] >= h.options.MaxSockets:
		return ErrTooManySockets
	}

	h.members[m] = struct{}{}
	h.perUser[m.Person.UserID]++

	m.at = make(map[uuid.UUID]int64, len(sessions))
	for i := range sessions {
		s := &sessions[i]
		r := h.room(s.ID, s.LastSeq)
		h.want(r, s.LastSeq)

		m.at[s.ID] = s.LastSeq
		if !m.staff() {
			r.members[m] = struct{}{}
		}
	}

	if m.staff() {
		h.staff[m] = struct{}{}
		if len(h.staff) == 1 {
			h.epoch++
		}
	}

	h.Reconcile() // something may have been said since the sessions were read

	return nil
}

// Leave forgets a member; one that has not joined is fine.
func (h *Hub) Leave(m *Member) {
	h.mu.Lock()
	defer h.mu.Unlock()

	if _, joined := h.members[m]; !joined {
		return
	}

	delete(h.members, m)

	if h.perUser[m.Person.UserID]--; h.perUser[m.Person.UserID] <= 0 {
		delete(h.perUser, m.Person.UserID)
	}

	if r := h.rooms[m.Session]; r != nil {
		delete(r.members, m)
		h.tidy(r)
	}

	if m.staff() {
		delete(h.staff, m)

		if len(h.staff) == 0 {
			for _, r := range h.rooms {
				h.tidy(r)
			}
		}
	}
}

// Reconcile asks the store soon what has changed.
func (h *Hub) Reconcile() { signal(h.poll) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is signalled already
	}
}
