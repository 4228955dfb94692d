// Package hub delivers messages to the sockets of this replica: each exactly once and in order, whatever way they come,
// from a sender here, over the bus from another replica, or from the store after something got lost.
//
// It has three parts: the registry knows who is connected, the streams know up to which position each session was
// delivered, and recovery fetches from the store what streams or members have missed.
package hub

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/clock"
)

// Store is where everything is that was ever said.
type Store interface {
	// Missing returns up to limit messages of each of several sessions with numbers above those given, in order.
	Missing(ctx context.Context, after map[uuid.UUID]int64, limit int) ([]chat.Message, error)
	// ChangedSince returns sessions that changed since a moment of the database's clock, and its time now; since the
	// zero moment none.
	ChangedSince(ctx context.Context, since time.Time) (found []chat.Change, now time.Time, err error)
	// NoteDelivered notes up to which number messages were handed to the sockets of the persons whose sessions they are.
	NoteDelivered(ctx context.Context, upTo map[uuid.UUID]int64) error
}

// Names fills in senders' names that the store does not have.
type Names interface {
	Fill(ctx context.Context, messages []chat.Message)
}

// Bus wakes the other replicas. What it loses is found in the store a moment later.
type Bus interface {
	// Publish sends a payload about a session or a person to all replicas and does not wait for that.
	Publish(about uuid.UUID, payload []byte)
}

// Notifications tells what a notification says.
type Notifications interface {
	// Notifications returns notifications by id, in the language of whose they are; unknown ids are left out.
	Notifications(ctx context.Context, ids []uuid.UUID) ([]chat.Notification, error)
}

// Options are what a Hub is made of.
type Options struct {
	Store         Store
	Names         Names
	Bus           Bus
	Notifications Notifications
	Clock         clock.Clock
	Log           *slog.Logger
	// PollEvery is how often the store is asked what has changed, in case the bus has lost something.
	PollEvery time.Duration
	// Limits are how much one person may do here, over all sockets together.
	Limits Limits
}

// Hub delivers to the sockets of this replica. It implements chat.Live and is safe for concurrent use.
type Hub struct {
	bus      Bus
	log      *slog.Logger
	origin   uuid.UUID
	metrics  *Metrics
	registry *registry
	streams  *streams
	recovery *recovery
	notifier *notifier
}

// New returns a hub without sockets; Run must run beside it.
func New(o Options) *Hub {
	h := &Hub{
		bus:      o.Bus,
		log:      o.Log,
		origin:   uuid.New(),
		metrics:  newMetrics(),
		registry: newRegistry(o.Limits, o.Clock),
	}
	h.streams = newStreams(o.Clock, h.metrics)
	h.recovery = newRecovery(&o, h.streams, h.metrics)
	h.notifier = newNotifier(o.Notifications, h.registry, o.Log)
	h.metrics.registry, h.metrics.streams = h.registry, h.streams

	return h
}

// Run fetches what got lost, until the context ends.
func (h *Hub) Run(ctx context.Context) {
	var loops errgroup.Group
	loops.Go(func() error { h.recovery.refillLoop(ctx); return nil })
	loops.Go(func() error { h.recovery.pollLoop(ctx); return nil })
	_ = loops.Wait()

	h.recovery.wait()
}

// Join adds a member and the sessions that it is told of, as they were a moment ago: its own one, or all open ones for
// staff. It hears nothing yet: that begins with GoLive, from the numbers in sessions on. Returns ErrTooManySockets or
// ErrStopping.
func (h *Hub) Join(m *Member, sessions []chat.Session) error {
	if err := h.registry.add(m); err != nil {
		return err
	}

	h.streams.join(m, sessions)
	h.Reconcile() // something may have been said since the sessions were read

	return nil
}

// Leave forgets a member; one that has not joined is fine.
func (h *Hub) Leave(m *Member) {
	if h.registry.remove(m) {
		h.streams.leave(m)
	}
}

// GoLive lets the member hear messages as they are said, after those that were said since it joined. Doing it again is
// harmless. It fails only with the socket.
func (h *Hub) GoLive(ctx context.Context, m *Member) error { return h.recovery.goLive(ctx, m) }

// Resume sends all messages of a session after a number again, in order, then a frame that says so, and then what is
// said from now on, without gaps or doubles in between. A member that is not live yet begins there when it goes live.
// It fails only with the socket.
func (h *Hub) Resume(ctx context.Context, m *Member, s *chat.Session, lastSeq int64) error {
	return h.recovery.resume(ctx, m, s, lastSeq)
}

// Reconcile asks the store soon what has changed.
func (h *Hub) Reconcile() { signal(h.recovery.poll) }

// Look notes that the member shows interest in a session.
func (h *Hub) Look(m *Member, session uuid.UUID) { h.streams.look(m, session) }

// Expect announces that the socket sends a message which it must not get back.
func (h *Hub) Expect(m *Member, clientMsgID string) { h.streams.expect(m, clientMsgID) }

// Settle takes Expect back if the message has passed, or was not written at all (seq 0).
func (h *Hub) Settle(m *Member, session uuid.UUID, clientMsgID string, seq int64) {
	h.streams.settle(m, session, clientMsgID, seq)
}

// AllowFrame reports whether the person may send one more frame now.
func (h *Hub) AllowFrame(m *Member) bool { return h.registry.allowFrame(m) }

// AllowText reports whether the person may write a message of that many bytes now.
func (h *Hub) AllowText(m *Member, bytes int) bool { return h.registry.allowText(m, bytes) }

// Drain closes all sockets with a hint when to come back, lets no member in any more, and waits until all have gone, at
// most until the context ends.
func (h *Hub) Drain(ctx context.Context) { h.registry.drain(ctx) }

// Stopping reports whether the hub takes no new members any more.
func (h *Hub) Stopping() bool { return h.registry.isStopping() }

// Sockets returns how many sockets there are.
func (h *Hub) Sockets() int { return h.registry.count() }

// Metrics returns the hub's metrics.
func (h *Hub) Metrics() *Metrics { return h.metrics }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is signalled already
	}
}
