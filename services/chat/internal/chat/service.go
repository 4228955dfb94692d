package chat

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/kit/batch"
)

const (
	// sendTimeout bounds the writing of one message. It goes on when the sender hangs up: half a message is none, but a
	// whole one without acknowledgement is sent again.
	sendTimeout = 4 * time.Second
	// sweepBatch is how many sessions one transaction of the sweep closes or deletes.
	sweepBatch = 100
	// enterAtOnce is how many persons enter their sessions in one transaction.
	enterAtOnce = 200
)

// Service is everything that can be done with conversations. It is safe for concurrent use, also by several processes
// on one database.
type Service struct {
	store   Store
	appends *appendBatcher
	enters  *batch.Gatherer[uuid.UUID, map[uuid.UUID]Entered]
	live    Live
	names   *Names
	users   Users
	metrics *Metrics
	log     *slog.Logger
	// keep is how long closed sessions are kept.
	keep time.Duration
}

// Options are what a Service is made of.
type Options struct {
	Store   Store
	Live    Live
	Users   Users
	Names   *Names
	Metrics *Metrics
	Log     *slog.Logger
	// Keep is how long closed sessions are kept; for ever if it is 0.
	Keep time.Duration
}

// NewService returns the service over its store and the services it asks.
func NewService(o Options) *Service {
	s := &Service{
		store:   o.Store,
		live:    o.Live,
		users:   o.Users,
		names:   o.Names,
		metrics: o.Metrics,
		log:     o.Log,
		keep:    o.Keep,
	}
	s.appends = newAppendBatcher(s.append)
	s.enters = batch.New(s.enter)

	return s
}

// Enter returns the sessions that a person who connects is told of: their own open one, which is made if there is none,
// or all open ones for an admin.
func (s *Service) Enter(ctx context.Context, v Viewer) ([]Session, error) {
	if v.Admin() {
		return s.store.Active(ctx, v.UserID)
	}

	entered, err := s.enters.Answer(ctx, []uuid.UUID{v.UserID})
	if err != nil {
		return nil, err
	}

	return []Session{entered[v.UserID].Session}, nil
}

// enter lets many persons enter at once: thousands come back after a failure.
func (s *Service) enter(userIDs []uuid.UUID) (map[uuid.UUID]Entered, error) {
	ctx, cancel := context.WithTimeout(context.Background(), sendTimeout)
	defer cancel()

	all := make(map[uuid.UUID]Entered, len(userIDs))
	for part := range slices.Chunk(userIDs, enterAtOnce) {
		entered, err := s.store.Enter(ctx, part)
		if err != nil {
			return nil, err
		}

		maps.Copy(all, entered)
	}

	for _, e := range all {
		if e.Overdue != nil {
			s.Closed(e.Overdue)
		}
	}

	return all, nil
}

// Send writes a message and delivers it. Sending it again gives the same message, and delivers nothing. Returns the
// refusals of Draft.Check, SessionClosed, SessionNotFound or IdempotencyMismatch.
func (s *Service) Send(ctx context.Context, d *Draft) (m Message, repeated bool, err error) {
	if err := d.Check(); err != nil {
		return Message{}, false, err
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()

	d.SenderName = s.names.Of(ctx, d.SenderID)

	result := s.appends.submit(ctx, d)
	if errors.Is(result.Err, chaterrs.SessionClosed) {
		s.closeOverdue(ctx)
	}

	return result.Message, result.Repeated, result.Err
}

// append writes drafts and delivers them in their order. Those that were written before are found by each replica's poll
// of the store, if the replica that wrote them did not live to deliver them.
func (s *Service) append(ctx context.Context, drafts []*Draft) ([]Appended, error) {
	results, err := s.store.Append(ctx, drafts)
	for i := range results {
		if r := &results[i]; r.Err == nil && !r.Repeated {
			s.metrics.said(r.Message.Sender)
			s.live.Publish(&r.Publication)
		}
	}

	return results, err
}

// closeOverdue does what the next sweep would do: a session that refuses messages should not be shown as open.
func (s *Service) closeOverdue(ctx context.Context) {
	if _, err := s.closeIdle(ctx); err != nil {
		s.log.WarnContext(ctx, "could not close idle sessions yet", "error", err)
	}
}

// Find returns a session, or ErrSessionNotFound also when the viewer may not see it.
func (s *Service) Find(ctx context.Context, id uuid.UUID, v Viewer) (Session, error) {
	session, err := s.store.Find(ctx, id)
	if err != nil {
		return Session{}, err
	}

	if !v.MaySee(&session) {
		return Session{}, chaterrs.SessionNotFound
	}

	return session, nil
}

// MarkRead notes how far the viewer has read a session. Returns ErrSessionNotFound.
func (s *Service) MarkRead(ctx context.Context, id uuid.UUID, v Viewer, seq int64) (mark int64, moved bool, err error) {
	if _, err := s.Find(ctx, id, v); err != nil {
		return 0, false, err
	}

	return s.store.MarkRead(ctx, id, v, seq)
}

// Close ends a session; that it is closed is fine. Returns ErrSessionNotFound.
func (s *Service) Close(ctx context.Context, id uuid.UUID) error {
	session, changed, err := s.store.Close(ctx, id)
	if err != nil {
		return err
	}

	if changed {
		s.Closed(&session)
	}

	return nil
}

// Sweep closes the sessions whose time is over, deletes those that were kept long enough, and forgets old tickets. It may
// run on every replica at once.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(
		inBatches(func() (int, error) { return s.closeIdle(ctx) }),
		s.deleteOld(ctx),
		s.store.ForgetTickets(ctx))
}

func (s *Service) deleteOld(ctx context.Context) error {
	if s.keep == 0 {
		return nil
	}

	return inBatches(func() (int, error) { return s.store.DeleteOld(ctx, s.keep, sweepBatch) })
}

// inBatches does something until a batch is not full.
func inBatches(do func() (int, error)) error {
	for {
		if n, err := do(); err != nil || n < sweepBatch {
			return err
		}
	}
}

func (s *Service) closeIdle(ctx context.Context) (int, error) {
	closed, err := s.store.CloseIdle(ctx, sweepBatch)
	if err != nil {
		return 0, err
	}

	for i := range closed {
		s.Closed(&closed[i])
	}

	return len(closed), nil
}

// Closed tells those who are connected that a session has closed.
func (s *Service) Closed(session *Session) {
	s.metrics.closedBy(session.Reason)
	s.live.CloseSession(session)
}

// Count returns how many sessions are open, and how many wait for an answer.
func (s *Service) Count(ctx context.Context) (Stats, error) { return s.store.Count(ctx) }

// Notify tells a person who is connected, at whatever replica, of a new notification.
func (s *Service) Notify(userID, notification uuid.UUID) { s.live.Notify(userID, notification) }
