// Package sessions knows for a moment which sessions are open, so that not every request has to ask the auth service.
package sessions

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/singleflight"
)

const (
	// maxRemembered bounds the memory; beyond it the auth service is asked more often.
	maxRemembered = 16384
	// distrust is how long after Drop nothing is remembered of a user. A suspension reaches the auth service by an event
	// some time after its answer; until then it says that the sessions are open.
	distrust = 2 * time.Second
)

// Check asks the auth service whether a session is open.
type Check func(ctx context.Context, userID, sessionID uuid.UUID) (open bool, err error)

// Sessions remembers open sessions. It is made by New, and safe for concurrent use.
type Sessions struct {
	check Check
	ttl   time.Duration
	clock clock.Clock
	group *singleflight.Group[session, bool]
	max   int

	mu      sync.Mutex
	until   map[uuid.UUID]map[uuid.UUID]time.Time
	count   int
	sweptAt time.Time
	// distrusted are the users who were dropped of late, until when.
	distrusted map[uuid.UUID]time.Time
}

type session struct{ user, id uuid.UUID }

// Options are what a memory of sessions is made of.
type Options struct {
	Check Check
	// TTL is how long an answer is trusted, counted from before it was asked for.
	TTL time.Duration
	// Timeout bounds one question.
	Timeout time.Duration
	Clock   clock.Clock
}

// New returns an empty memory. Sessions that have ended are never remembered.
func New(o Options) *Sessions {
	return &Sessions{
		check:      o.Check,
		ttl:        o.TTL,
		clock:      o.Clock,
		max:        maxRemembered,
		group:      singleflight.NewGroup[session, bool](o.Clock, o.TTL, o.Timeout),
		until:      map[uuid.UUID]map[uuid.UUID]time.Time{},
		distrusted: map[uuid.UUID]time.Time{},
	}
}

// Open reports whether the session is open; an error says that the auth service could not be asked.
func (s *Sessions) Open(ctx context.Context, userID, sessionID uuid.UUID) (bool, error) {
	key := session{user: userID, id: sessionID}
	if s.remembered(key) {
		return true, nil
	}

	ask := func(ctx context.Context) (bool, error) { return s.check(ctx, userID, sessionID) }

	return s.group.Do(ctx, key, ask, func(open bool, started time.Time) {
		if open {
			s.remember(key, started.Add(s.ttl))
		}
	})
}

// Drop forgets the sessions of a user, also those that are just being asked about, and asks about each of their requests
// for a while.
func (s *Sessions) Drop(userID uuid.UUID) {
	s.group.Forget()
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()

	maps.DeleteFunc(s.distrusted, func(_ uuid.UUID, until time.Time) bool { return !now.Before(until) })
	s.distrusted[userID] = now.Add(distrust)
	s.count -= len(s.until[userID])
	delete(s.until, userID)
}

func (s *Sessions) remembered(key session) bool {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()

	until, ok := s.until[key.user][key.id]

	return ok && now.Before(until)
}

func (s *Sessions) remember(key session, until time.Time) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.count >= s.max && now.Sub(s.sweptAt) >= s.ttl {
		s.sweep(now)
	}

	if s.count >= s.max || !now.Before(until) || now.Before(s.distrusted[key.user]) {
		return
	}

	mine := s.until[key.user]
	if mine == nil {
		mine = map[uuid.UUID]time.Time{}
		s.until[key.user] = mine
	}

	if _, known := mine[key.id]; !known {
		s.count++
	}

	mine[key.id] = until
}

func (s *Sessions) sweep(now time.Time) {
	s.sweptAt = now
	for user, mine := range s.until {
		for id, until := range mine {
			if !now.Before(until) {
				delete(mine, id)

				s.count--
			}
		}

		if len(mine) == 0 {
			delete(s.until, user)
		}
	}
}
