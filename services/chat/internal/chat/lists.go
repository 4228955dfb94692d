package chat

import (
	"context"
	"time"

	"github.com/google/uuid"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// lookupTimeout bounds the question for the people of a list, which is answered without them then.
// It is short enough for those who ask for the list to get it before they give up.
const lookupTimeout = 1500 * time.Millisecond

// Conversation is an open session with the person whose it is; nil if nobody can say who that is.
type Conversation struct {
	Summary

	User *userhttp.User
}

// Messages returns up to limit messages of a session after a number, oldest first, and whether there are more. Returns
// ErrSessionNotFound also when the viewer may not see the session.
func (s *Service) Messages(ctx context.Context, id uuid.UUID, v Viewer, after int64, limit int) (found []Message, more bool, err error) {
	if _, err := s.Find(ctx, id, v); err != nil {
		return nil, false, err
	}

	found, err = s.store.Messages(ctx, id, after, limit+1)
	if err != nil {
		return nil, false, err
	}

	if len(found) > limit {
		found, more = found[:limit], true
	}

	s.names.Fill(ctx, found)

	return found, more, nil
}

// ListActive returns a page of open sessions, last activity first, and where the next page begins.
func (s *Service) ListActive(ctx context.Context, v Viewer, after *Position, limit int) ([]Conversation, *Position, error) {
	found, err := s.store.ListActive(ctx, v.UserID, after, limit+1)
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
		if user, ok := people[summary.UserID]; ok {
			conversations[i].User = &user
		}
	}

	return conversations, next, nil
}

func (s *Service) people(ctx context.Context, sessions []Summary) map[uuid.UUID]userhttp.User {
	if len(sessions) == 0 {
		return nil
	}

	ids := make([]uuid.UUID, len(sessions)) // Each person has one open session.
	for i := range sessions {
		ids[i] = sessions[i].UserID
	}

	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()

	people, err := s.users.Lookup(ctx, ids)
	if err != nil {
		s.log.WarnContext(ctx, "the people of open sessions are left out", "error", err)
	}

	return people
}
