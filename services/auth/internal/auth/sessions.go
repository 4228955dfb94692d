package auth

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
)

const (
	// changeAttempts is how often a change starts over because another process wrote the document meanwhile. The state
	// store calls every failed write a conflict, so there has to be an end.
	changeAttempts = 10
	// conflictPause times the number of failures bounds the pause after a write that another process was faster with;
	// it is random, so that the losers do not meet again.
	conflictPause = 15 * time.Millisecond
)

// change loads the user's document, lets edit change it, and saves it if edit says so, even if edit also returns an
// error. If another process wrote it meanwhile everything is done again, a few times; edit must not leave anything
// behind.
func (s *Service) change(ctx context.Context, userID uuid.UUID, edit func(d *Document) (save bool, err error)) error {
	leave, err := s.writers.enter(ctx, userID)
	if err != nil {
		return err
	}
	defer leave()

	for failures := 1; failures <= changeAttempts; failures++ {
		refusal, err := s.changeOnce(ctx, userID, edit)
		if err == nil {
			return refusal
		}

		if !errors.Is(err, ErrConflict) {
			return err
		}

		select {
		case <-time.After(rand.N(time.Duration(failures) * conflictPause)): //nolint:gosec // a pause need not be secret
		case <-ctx.Done():
			return errs.Unavailable.Wrap(fmt.Errorf("change the sessions: %w", ctx.Err()))
		}
	}

	return errs.Unavailable.Wrap(fmt.Errorf("change the sessions of %s: %d times: %w", userID, changeAttempts, ErrConflict))
}

// changeOnce returns what edit refused, or the error of the state store. That sessions end is announced before they do.
func (s *Service) changeOnce(
	ctx context.Context, userID uuid.UUID, edit func(d *Document) (save bool, err error),
) (refusal, err error) {
	d, etag, err := s.documents.Load(ctx, userID)
	if err != nil {
		return nil, err
	}

	before := d.open(s.now())

	save, refusal := edit(d)
	if !save {
		return refusal, nil
	}

	if d.lacks(before, s.now()) {
		s.announce(ctx, userID)
	}

	return refusal, s.documents.Save(ctx, userID, d, etag)
}

// Refresh exchanges a refresh token for its child. It returns ErrTokenReused, and ends the session, for a token that
// had been exchanged before; its direct parent gets the same child once more for a moment. Everything else that is no
// token of an open session gives ErrInvalidRefreshToken.
func (s *Service) Refresh(ctx context.Context, text string, c Client) (*Grant, error) {
	token, ok := s.tokens.Decode(text)
	if !ok {
		return nil, autherrs.InvalidRefreshToken
	}

	account, err := s.accounts.ByID(ctx, token.UserID)
	if err != nil {
		return nil, noAccountIs(err, autherrs.InvalidRefreshToken)
	}

	child := s.tokens.child(token)

	err = s.change(ctx, token.UserID, func(d *Document) (save bool, err error) { return s.rotate(d, account, token, child) })
	if errors.Is(err, autherrs.TokenReused) {
		s.record(ctx, Entry{
			Event:   EventRefreshReused,
			UserID:  &token.UserID,
			Client:  c,
			Details: Details{SessionID: &token.SessionID},
		})
	}

	if err != nil {
		return nil, err
	}

	return s.grant(account, child)
}

func (s *Service) rotate(d *Document, account *Account, token, child *RefreshToken) (save bool, err error) {
	now := s.now()

	session := d.find(token.SessionID, now)
	if session == nil {
		return false, autherrs.InvalidRefreshToken
	}

	if session.AccessEpoch < account.AccessEpoch || account.Status == Suspended {
		// The event that says so is still on its way.
		d.end(session.ID, now)
		return true, autherrs.InvalidRefreshToken
	}

	switch d.rotate(token, child, now) {
	case rotationDone:
		return true, nil
	case rotationRepeated:
		return false, nil
	case rotationReused:
		return true, autherrs.TokenReused
	case rotationUnknown:
	}

	return false, autherrs.InvalidRefreshToken
}

// Logout ends the session of one's own refresh token. It returns ErrInvalidRefreshToken for any other.
func (s *Service) Logout(ctx context.Context, p kitauth.Principal, text string, c Client) error {
	token, ok := s.tokens.Decode(text)
	if !ok || token.UserID != p.UserID {
		return autherrs.InvalidRefreshToken
	}

	if err := s.end(ctx, p.UserID, token.SessionID); err != nil {
		if errors.Is(err, autherrs.SessionNotFound) {
			return autherrs.InvalidRefreshToken
		}

		return err
	}

	s.recordSession(ctx, EventLogout, p.UserID, token.SessionID, c)

	return nil
}

// LogoutAll ends all of one's sessions.
func (s *Service) LogoutAll(ctx context.Context, p kitauth.Principal, c Client) error {
	if err := s.endOthers(ctx, p.UserID, uuid.Nil); err != nil {
		return err
	}

	s.record(ctx, s.entry(EventLogoutAll, p.UserID, c))

	return nil
}

// EndSession ends one of one's sessions, or returns ErrSessionNotFound.
func (s *Service) EndSession(ctx context.Context, p kitauth.Principal, id uuid.UUID, c Client) error {
	if err := s.end(ctx, p.UserID, id); err != nil {
		return err
	}

	s.recordSession(ctx, EventSessionEnded, p.UserID, id, c)

	return nil
}

func (s *Service) recordSession(ctx context.Context, event string, userID, sessionID uuid.UUID, c Client) {
	entry := s.entry(event, userID, c)
	entry.Details.SessionID = &sessionID
	s.record(ctx, entry)
}

func (s *Service) end(ctx context.Context, userID, id uuid.UUID) error {
	return s.change(ctx, userID, func(d *Document) (bool, error) {
		if !d.end(id, s.now()) {
			return false, autherrs.SessionNotFound
		}

		return true, nil
	})
}

func (s *Service) endOthers(ctx context.Context, userID, keep uuid.UUID) error {
	return s.change(ctx, userID, func(d *Document) (bool, error) { return d.endOthers(keep) > 0, nil })
}

// Sessions returns a page of one's open sessions, last used first, and where it ends if there are more.
func (s *Service) Sessions(ctx context.Context, userID uuid.UUID, after *Position, limit int) ([]Session, *Position, error) {
	d, _, err := s.documents.Load(ctx, userID)
	if err != nil {
		return nil, nil, err
	}

	found := d.open(s.now())
	if after != nil {
		found = slices.DeleteFunc(found, func(x Session) bool { return x.Position().compare(*after) <= 0 })
	}

	if len(found) <= limit {
		return found, nil, nil
	}

	end := found[limit-1].Position()

	return found[:limit], &end, nil
}

// CheckSession returns nil if the session is open, and ErrSessionNotFound otherwise.
func (s *Service) CheckSession(ctx context.Context, userID, sessionID uuid.UUID) error {
	d, _, err := s.documents.Load(ctx, userID)
	if err != nil {
		return err
	}

	if d.find(sessionID, s.now()) == nil {
		return autherrs.SessionNotFound
	}

	return nil
}

// SessionStates returns for each session whether it is open, by what the store says now. Sessions whose document cannot be
// read are left out; it fails only if none can.
func (s *Service) SessionStates(ctx context.Context, refs []SessionRef) (map[SessionRef]bool, error) {
	documents, err := s.documents.LoadMany(ctx, usersOf(refs))
	if err != nil {
		return nil, err
	}

	now, states := s.now(), make(map[SessionRef]bool, len(refs))
	for _, ref := range refs {
		if d := documents[ref.UserID]; d != nil {
			states[ref] = d.find(ref.SessionID, now) != nil
		}
	}

	return states, nil
}

// AccessChanged ends all sessions that began before the access epoch, and lets none begin that still goes by an older
// one. Doing it again, or late, is harmless.
func (s *Service) AccessChanged(ctx context.Context, userID uuid.UUID, epoch int64) error {
	return s.change(ctx, userID, func(d *Document) (bool, error) {
		d.raise(epoch)
		return true, nil
	})
}
