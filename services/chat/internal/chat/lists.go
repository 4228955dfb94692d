package chat

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// lookupTimeout bounds the question for the people of a list, which is answered without them then.
// It is short enough for those who ask for the list to get it before they give up.
const lookupTimeout = 1500 * time.Millisecond

// Conversation is a session with the person whose it is; nil where it is unknown who that is.
type Conversation struct {
	Summary

	Person *Person
}

// MessagesQuery says which messages a page has: those above After in order, or with Before the newest below it, newest
// first.
type MessagesQuery struct {
	After  int64
	Before *int64
	// Limit is how many there are at most.
	Limit int
}

// Messages returns messages of a session, and whether there are more. Returns SessionNotFound also when the viewer may
// not see the session.
func (s *Service) Messages(ctx context.Context, id uuid.UUID, v Viewer, q MessagesQuery) (found []Message, more bool, err error) {
	if _, err := s.Find(ctx, id, v); err != nil {
		return nil, false, err
	}

	if q.Before != nil {
		found, err = s.store.MessagesBefore(ctx, id, *q.Before, q.Limit+1)
	} else {
		found, err = s.store.Messages(ctx, id, q.After, q.Limit+1)
	}

	if err != nil {
		return nil, false, err
	}

	if len(found) > q.Limit {
		found, more = found[:q.Limit], true
	}

	s.names.Fill(ctx, found)

	return found, more, nil
}

// List returns a page of sessions, last activity first, and where the next page begins. Others than admins see their own.
func (s *Service) List(ctx context.Context, q ListQuery) ([]Conversation, *Position, error) {
	limit := q.Limit
	q.Limit = limit + 1

	found, err := s.store.List(ctx, &q)
	if err != nil {
		return nil, nil, err
	}

	var next *Position
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		next = &Position{LastActivityAt: last.LastActivityAt, ID: last.ID}
	}

	people := s.people(ctx, found)

	conversations := make([]Conversation, len(found))
	for i, summary := range found {
		conversations[i].Summary = summary
		if person, ok := people[summary.UserID]; ok {
			conversations[i].Person = &person
		}
	}

	return conversations, next, nil
}

func (s *Service) people(ctx context.Context, sessions []Summary) map[uuid.UUID]Person {
	if len(sessions) == 0 {
		return nil
	}

	ids := make([]uuid.UUID, len(sessions))
	for i := range sessions {
		ids[i] = sessions[i].UserID
	}

	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)

	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()

	people, err := s.users.Lookup(ctx, ids)
	if err != nil {
		s.log.WarnContext(ctx, "the people of sessions are left out", "error", err)
	}

	return people
}
