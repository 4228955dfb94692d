package auth

import (
	"context"

	"github.com/google/uuid"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
)

// ChangePassword replaces one's password and ends one's other sessions. A wrong current password gives
// AUTH_INVALID_CREDENTIALS and counts as a guess; a bad new one AUTH_WEAK_PASSWORD.
func (s *Service) ChangePassword(ctx context.Context, p kitauth.Principal, current, next string, c Client) error {
	account, err := s.accounts.ByID(ctx, p.UserID)
	if err != nil {
		return noAccountIs(err, autherrs.InvalidCredentials)
	}

	if err := CheckNewPassword("new_password", next, account.Email); err != nil {
		return err
	}

	if err := s.guessOwn(ctx, account, current, c); err != nil {
		return err
	}

	hash, err := s.passwords.Hash(ctx, next)
	if err != nil {
		return err
	}

	err = s.replacePassword(ctx, replacement{userID: p.UserID, keep: p.SessionID, hash: hash, client: c})
	if err != nil {
		return noAccountIs(err, autherrs.InvalidCredentials)
	}

	s.useUp(ctx, p.UserID, MailReset)

	return nil
}

// verifyPassword returns the account of a person who is signed in and knows the password.
func (s *Service) verifyPassword(ctx context.Context, userID uuid.UUID, password string, c Client) (*Account, error) {
	account, err := s.accounts.ByID(ctx, userID)
	if err != nil {
		return nil, noAccountIs(err, errs.InvalidToken)
	}

	return account, s.guessOwn(ctx, account, password, c)
}

// guessOwn looks at the password of a person who is signed in.
func (s *Service) guessOwn(ctx context.Context, account *Account, password string, c Client) error {
	_, err := s.check(ctx, &guess{
		address:  account.Email,
		password: password,
		client:   c,
		find:     func(context.Context) (*Account, error) { return account, nil },
		right:    EventPasswordVerified,
		wrong:    EventPasswordFailed,
		locked:   EventPasswordLocked,
	})

	return err
}

// replacement is a new password for a person.
type replacement struct {
	userID uuid.UUID
	// keep is the session that goes on; none does if it is zero.
	keep uuid.UUID
	hash string
	// byMail says that the token of a mail stood for the old password.
	byMail bool
	client Client
}

// replacePassword ends the other sessions before and after the change. Before, because a store that is away has to be
// noticed while nothing has changed yet; after, because of sessions that began with the old password in between.
func (s *Service) replacePassword(ctx context.Context, r replacement) error {
	if err := s.endOthers(ctx, r.userID, r.keep); err != nil {
		return err
	}

	if err := s.accounts.SetPassword(ctx, r.userID, r.hash, r.byMail); err != nil {
		return err
	}

	entry := s.entry(EventPasswordChanged, r.userID, r.client)
	if r.byMail {
		entry.Event, entry.ActorID = EventPasswordReset, nil
	}

	s.record(ctx, entry)

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	if err := s.endOthers(ctx, r.userID, r.keep); err != nil {
		// The password is new all the same; to say otherwise would make the person try the old one.
		s.log.ErrorContext(ctx, "sessions that began during a password change may live on", "user_id", r.userID, "error", err)
	}

	return nil
}
