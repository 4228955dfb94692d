package chat

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/kit/auth"
)

const (
	// sendTimeout bounds the writing of one message. It goes on when the sender hangs up: half a message is none, but a
	// whole one that nobody acknowledged is sent again.
	sendTimeout = 4 * time.Second
	// sweepBatch is how many sessions one transaction of the sweep closes.
	sweepBatch = 100
)

// Service is everything that can be done with conversations. It is safe for concurrent use, also by several processes
// on one database.
type Service struct {
	store   Store
	desk    *desk
	live    Live
	names   *Names
	users   Users
	metrics *Metrics
	log     *slog.Logger
}

// NewService returns the service over its store and neighbours.
func NewService(store Store, live Live, users Users, names *Names, metrics *Metrics, log *slog.Logger) *Service {
	s := &Service{
		store:   store,
		live:    live,
		users:   users,
		names:   names,
		metrics: metrics,
		log:     log,
	}
	s.desk = newDesk(s.append)

	return s
}

// Enter returns the sessions that a person who connects is told of: their own open one, which is made if there is none,
// or all open ones for an admin.
func (s *Service) Enter(ctx context.Context, v Viewer) ([]Session, error) {
	if v.Admin() {
		return s.store.Active(ctx)
	}

	session, overdue, err := s.store.Enter(ctx, v.UserID)
	if err != nil {
		return nil, err
	}

	if overdue != nil {
		s.ended(overdue)
	}

	return []Session{session}, nil
}

// Send writes a message and hands it on. Sending it again gives the same message. Returns the refusals of Draft.Check,
// ErrSessionClosed or ErrSessionNotFound.
func (s *Service) Send(ctx context.Context, d *Draft) (m Message, repeated bool, err error) {
	if err := d.Check(); err != nil {
		return Message{}, false, err
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()

	d.SenderName = s.names.Of(ctx, d.SenderID)

	result := s.desk.submit(ctx, d)
	if errors.Is(result.Err, chaterrs.SessionClosed) {
		s.closeOverdue(ctx)
	}

	if result.Err != nil {
		return Message{}, false, result.Err
	}

	if result.Repeated {
		repeated := []Message{result.Message}
		s.names.Fill(ctx, repeated)
		s.live.Said(&repeated[0]) // whoever wrote it may not have lived to say so
	}

	return result.Message, result.Repeated, nil
}

// append writes drafts and hands them on in their order.
func (s *Service) append(ctx context.Context, drafts []*Draft) ([]Appended, error) {
	results, err := s.store.Append(ctx, drafts)
	for i := range results {
		if r := &results[i]; r.Err == nil && !r.Repeated {
			s.metrics.said(r.Message.Sender)
			s.live.Said(&r.Message)
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

	return s.store.MarkRead(ctx, id, v.UserID, seq)
}

// Close ends a session; that it is closed is fine. Returns ErrSessionNotFound.
func (s *Service) Close(ctx context.Context, id uuid.UUID) error {
	session, changed, err := s.store.Close(ctx, id)
	if err != nil {
		return err
	}

	if changed {
		s.ended(&session)
	}

	return nil
}

// Sweep closes the sessions whose time is over and forgets old tickets. It may run on every replica at once.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		closed, err := s.closeIdle(ctx)
		if err != nil {
			return errors.Join(err, s.store.ForgetTickets(ctx))
		}

		if closed < sweepBatch {
			return s.store.ForgetTickets(ctx)
		}
	}
}

func (s *Service) closeIdle(ctx context.Context) (int, error) {
	closed, err := s.store.CloseIdle(ctx, sweepBatch)
	if err != nil {
		return 0, err
	}

	for i := range closed {
		s.ended(&closed[i])
	}

	return len(closed), nil
}

func (s *Service) ended(session *Session) {
	s.metrics.ended(session.Reason)
	s.live.Ended(session)
}

// CountActive returns how many sessions are open.
func (s *Service) CountActive(ctx context.Context) (int64, error) { return s.store.CountActive(ctx) }

// ViewerOf returns the viewer that a signed-in person is.
func ViewerOf(p auth.Principal) Viewer { return Viewer{UserID: p.UserID, Role: p.Role} }
