package auth

import (
	"context"
	"math"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
)

// Leave forgets the person who is signed in and knows the password. A wrong one gives AUTH_INVALID_CREDENTIALS and counts
// as a guess; the last admin gets USER_LAST_ADMIN.
func (s *Service) Leave(ctx context.Context, p kitauth.Principal, password string, c Client) error {
	if _, err := s.verifyPassword(ctx, p.UserID, password, c); err != nil {
		return err
	}

	// Where the person was is among what is forgotten.
	entry := s.entry(EventErased, p.UserID, Client{RequestID: c.RequestID})

	return noAccountIs(s.erase(ctx, p.UserID, entry), errs.InvalidToken)
}

// Delete forgets a person because an admin says so. It fails with USER_NOT_FOUND or USER_LAST_ADMIN.
func (s *Service) Delete(ctx context.Context, by kitauth.Principal, id uuid.UUID, reason string, c Client) error {
	entry := Entry{
		Event:   EventErased,
		ActorID: &by.UserID,
		UserID:  &id,
		Client:  c,
		Details: Details{Reason: reason},
	}

	return noAccountIs(s.erase(ctx, id, entry), usererrs.NotFound)
}

// erase lets the user service forget the person and tell the other services, and ends the sessions at once. What else is kept here
// goes when the event arrives, as everywhere.
func (s *Service) erase(ctx context.Context, id uuid.UUID, entry Entry) error {
	if err := s.accounts.Erase(ctx, id); err != nil {
		return err
	}

	s.record(ctx, entry)

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	if err := s.EndForGood(ctx, id); err != nil {
		s.log.WarnContext(ctx, "sessions of a person who left end with the event", "user_id", id, "error", err)
	}

	return nil
}

// EndForGood ends all sessions of a person and lets none begin any more, until nothing is left that one could begin with.
func (s *Service) EndForGood(ctx context.Context, userID uuid.UUID) error {
	return s.AccessChanged(ctx, userID, math.MaxInt64)
}

// ReportErased tells the user service that nothing is kept of the person here.
func (s *Service) ReportErased(ctx context.Context, userID uuid.UUID) error {
	return s.accounts.ReportErased(ctx, userID)
}
