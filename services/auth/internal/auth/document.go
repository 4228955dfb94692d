package auth

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

const (
	// RefreshTokenTTL is how long a refresh token, and with it an unused session, lives.
	RefreshTokenTTL = 7 * 24 * time.Hour
	// reuseGrace is how long after its use a token gives the same child again in any case: two tabs may refresh at once,
	// and one of them may go on with the child.
	reuseGrace = 10 * time.Second
	// lostAnswer is for how long it does so as long as its child is unused: the answer may have got lost.
	lostAnswer = time.Hour
	// maxSessions bounds the sessions of one user; the one that was used longest ago makes room.
	maxSessions = 100
)

// Session is one sign-in of a user that has not ended.
type Session struct {
	ID uuid.UUID `json:"id"`
	// Current and Parent are the digests of the newest refresh token and of the one it replaced.
	Current []byte `json:"current"`
	Parent  []byte `json:"parent,omitempty"`
	// RotatedAt is when Current replaced Parent.
	RotatedAt time.Time `json:"rotated_at"`
	// Grandparent is the digest of the token that Parent replaced, at ParentSince.
	Grandparent []byte    `json:"grandparent,omitempty"`
	ParentSince time.Time `json:"parent_since,omitzero"`
	CreatedAt   time.Time `json:"created_at"`
	LastUsedAt  time.Time `json:"last_used_at"`
	IP          string    `json:"ip"`
	UserAgent   string    `json:"user_agent"`
	// AccessEpoch is the user's when the session began; see Document.MinEpoch.
	AccessEpoch int64 `json:"access_epoch"`
}

// Document holds all sessions of one user. It is written as a whole or not at all.
type Document struct {
	Sessions []Session `json:"sessions"`
	// MinEpoch is the access epoch under which a session must have begun: suspension and a new role raise it.
	MinEpoch int64 `json:"min_epoch"`
}

// find returns the open session with that id, or nil.
func (d *Document) find(id uuid.UUID, now time.Time) *Session {
	for i := range d.Sessions {
		if s := &d.Sessions[i]; s.ID == id && s.open(d.MinEpoch, now) {
			return s
		}
	}

	return nil
}

func (s *Session) open(minEpoch int64, now time.Time) bool {
	return s.AccessEpoch >= minEpoch && now.Before(s.LastUsedAt.Add(RefreshTokenTTL))
}

// open returns the open sessions, last used first.
func (d *Document) open(now time.Time) []Session {
	found := make([]Session, 0, len(d.Sessions))
	for i := range d.Sessions {
		if d.Sessions[i].open(d.MinEpoch, now) {
			found = append(found, d.Sessions[i])
		}
	}

	slices.SortFunc(found, func(a, b Session) int { return a.Position().compare(b.Position()) })

	return found
}

// lacks reports whether one of the sessions, which were open, is not any more.
func (d *Document) lacks(before []Session, now time.Time) bool {
	return slices.ContainsFunc(before, func(s Session) bool { return d.find(s.ID, now) == nil })
}

// add begins a session and returns those that had to make room. It returns errStale if the session's user was read
// before its access changed.
func (d *Document) add(s *Session, now time.Time) (evicted []Session, err error) {
	if s.AccessEpoch < d.MinEpoch {
		return nil, errStale
	}

	d.Sessions = append(d.open(now), *s)
	for len(d.Sessions) > maxSessions {
		evicted = append(evicted, d.Sessions[maxSessions-1])
		d.Sessions = slices.Delete(d.Sessions, maxSessions-1, maxSessions)
	}

	return evicted, nil
}

// end removes the session and reports whether it was open.
func (d *Document) end(id uuid.UUID, now time.Time) bool {
	found := d.find(id, now) != nil
	d.Sessions = slices.DeleteFunc(d.Sessions, func(s Session) bool { return s.ID == id })
	return found
}

// endOthers removes all sessions but the one that is kept, and returns how many.
func (d *Document) endOthers(keep uuid.UUID) int {
	before := len(d.Sessions)
	d.Sessions = slices.DeleteFunc(d.Sessions, func(s Session) bool { return s.ID != keep })
	return before - len(d.Sessions)
}

// raise ends all sessions that began under a smaller epoch and lets none begin any more.
func (d *Document) raise(epoch int64) {
	d.MinEpoch = max(d.MinEpoch, epoch)
	d.Sessions = slices.DeleteFunc(d.Sessions, func(s Session) bool { return s.AccessEpoch < d.MinEpoch })
}

// rotation is what the use of a refresh token leads to.
type rotation int

const (
	// rotationUnknown: the session has ended.
	rotationUnknown rotation = iota
	// rotationDone: the child has replaced the token.
	rotationDone
	// rotationRepeated: the child had replaced the token before, and is given once more.
	rotationRepeated
	// rotationReused: the token had been replaced; the session has ended now.
	rotationReused
)

// rotate uses a genuine token, whose child is given. Within reuseGrace of its use a token gives the same child, whether or
// not that one has been used; within lostAnswer as long as it has not. Anything older is a reuse, which ends the session.
func (d *Document) rotate(token, child *RefreshToken, now time.Time) rotation {
	s := d.find(token.SessionID, now)
	switch {
	case s == nil:
		return rotationUnknown
	case token.is(s.Current):
		s.Grandparent, s.ParentSince = s.Parent, s.RotatedAt
		s.Parent, s.RotatedAt = s.Current, now
		s.Current, s.LastUsedAt = child.digest(), now

		return rotationDone
	case token.is(s.Parent) && now.Sub(s.RotatedAt) <= lostAnswer,
		token.is(s.Grandparent) && now.Sub(s.ParentSince) <= reuseGrace:
		return rotationRepeated
	}

	d.end(token.SessionID, now)

	return rotationReused
}

// Position is where a session stands in the list, last used first.
type Position struct {
	LastUsedAt time.Time `json:"t"`
	ID         uuid.UUID `json:"i"`
}

// Position returns where the session stands in the list.
func (s *Session) Position() Position { return Position{LastUsedAt: s.LastUsedAt, ID: s.ID} }

// compare is negative if p stands before q.
func (p Position) compare(q Position) int {
	if c := q.LastUsedAt.Compare(p.LastUsedAt); c != 0 {
		return c
	}

	return slices.Compare(q.ID[:], p.ID[:])
}
