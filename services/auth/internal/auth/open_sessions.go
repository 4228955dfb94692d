package auth

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// EndingWindow is for how long after an announcement a user's document is always read from the store: longer than
	// the change that was announced can take.
	EndingWindow = 10 * time.Second
	// maxUnasked is how old the last question for announcements may be; if it is older, everything is forgotten.
	maxUnasked = EndingWindow / 2
	// rememberOpen is how long a document is gone by without being read again.
	rememberOpen = 30 * time.Second
)

// SessionRef names one session of one user.
type SessionRef struct{ UserID, SessionID uuid.UUID }

// EndedSessions returns those of the sessions that are not open, in the order given. Sessions whose document cannot be
// read count as open; it fails only if none can.
//
// The chat asks this for every socket again and again. Documents are therefore remembered, except of users of whom
// a session is ending, and a session ends by what the store says only, never by what is remembered.
func (s *Service) EndedSessions(ctx context.Context, refs []SessionRef) ([]SessionRef, error) {
	s.open.update(s.now(), s.recentEndings(ctx))

	unsure := slices.DeleteFunc(slices.Clone(refs), func(ref SessionRef) bool { return s.open.has(ref, s.now()) })
	if len(unsure) == 0 {
		return []SessionRef{}, nil
	}

	documents, err := s.documents.LoadMany(ctx, usersOf(unsure))
	if err != nil {
		return nil, err
	}

	now := s.now()
	s.open.remember(now, documents)

	return slices.DeleteFunc(unsure, func(ref SessionRef) bool {
		d := documents[ref.UserID]
		return d == nil || d.find(ref.SessionID, now) != nil
	}), nil
}

func usersOf(refs []SessionRef) []uuid.UUID {
	seen := make(map[uuid.UUID]bool, len(refs))

	var users []uuid.UUID
	for _, ref := range refs {
		if !seen[ref.UserID] {
			seen[ref.UserID] = true
			users = append(users, ref.UserID)
		}
	}

	return users
}

// endings are the announcements of the last seconds; known is false where they could not be read.
type endings struct {
	users []uuid.UUID
	known bool
}

func (s *Service) recentEndings(ctx context.Context) endings {
	users, err := s.endings.Recent(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "every session is read from the store", "error", err)
	}

	return endings{users: users, known: err == nil}
}

// announce says that sessions of the user end. If it can't be said they end all the same, and replicas that remember
// them notice it late.
func (s *Service) announce(ctx context.Context, userID uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()

	if err := s.endings.Announce(ctx, userID); err != nil {
		s.log.ErrorContext(ctx, "the end of sessions is noticed late", "user_id", userID, "error", err)
	}
}

// openSessions are what is remembered of documents, per user: the open sessions, and when each would lapse.
type openSessions struct {
	mu      sync.Mutex
	users   map[uuid.UUID]remembered
	ending  map[uuid.UUID]bool
	updated time.Time
}

type remembered struct {
	lapse map[uuid.UUID]time.Time
	until time.Time
}

func newOpenSessions() *openSessions { return &openSessions{users: map[uuid.UUID]remembered{}} }

// update forgets what is old, and the users of whom sessions are ending. Nothing is remembered while it isn't known
// who they are.
func (o *openSessions) update(now time.Time, e endings) {
	o.mu.Lock()
	defer o.mu.Unlock()

	if !e.known || now.Sub(o.updated) > maxUnasked {
		clear(o.users)
	}

	o.ending = nil
	if e.known {
		o.updated, o.ending = now, make(map[uuid.UUID]bool, len(e.users))
	}

	for _, id := range e.users {
		o.ending[id] = true
		delete(o.users, id)
	}

	for id, known := range o.users {
		if !now.Before(known.until) {
			delete(o.users, id)
		}
	}
}

func (o *openSessions) has(ref SessionRef, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()

	return now.Before(o.users[ref.UserID].lapse[ref.SessionID])
}

func (o *openSessions) remember(now time.Time, documents map[uuid.UUID]*Document) {
	o.mu.Lock()
	defer o.mu.Unlock()

	if o.ending == nil {
		return
	}

	for id, d := range documents {
		if o.ending[id] {
			continue
		}

		open := d.open(now)
		known := remembered{lapse: make(map[uuid.UUID]time.Time, len(open)), until: now.Add(rememberOpen)}

		for _, s := range open {
			known.lapse[s.ID] = s.LastUsedAt.Add(RefreshTokenTTL)
		}

		o.users[id] = known
	}
}
