package auth

import (
	"context"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
)

// ChangePassword replaces one's password and ends one's other sessions. A wrong current password gives
// ErrInvalidCredentials and counts as a guess; a bad new one ErrWeakPassword.
func (s *Service) ChangePassword(ctx context.Context, p kitauth.Principal, current, replacement string, c Client) error {
	account, err := s.Accounts.ByID(ctx, p.UserID)
	if err != nil {
		return noAccountIs(err, autherrs.InvalidCredentials)
	}

	if err := CheckNewPassword("new_password", replacement, account.Email); err != nil {
		return err
	}

	_, err = s.check(ctx, &guess{
		address:  account.Email,
		password: current,
		client:   c,
		find:     func(context.Context) (*Account, error) { return account, nil },
		right:    EventPasswordVerified,
		wrong:    EventPasswordFailed,
		locked:   EventPasswordLocked,
	})
	if err != nil {
		return err
	}

	hash, err := s.Passwords.Hash(ctx, replacement)
	if err != nil {
		return err
	}

	return s.replacePassword(ctx, p, hash, c)
}

// replacePassword ends the other sessions before and after the change. Before, because a store that is away has to be
// noticed while nothing has changed yet; after, because of sessions that began with the old password in between.
func (s *Service) replacePassword(ctx context.Context, p kitauth.Principal, hash string, c Client) error {
	if err := s.endOthers(ctx, p.UserID, p.SessionID); err != nil {
		return err
	}

	if err := s.Accounts.SetPassword(ctx, p.UserID, hash); err != nil {
		return noAccountIs(err, autherrs.InvalidCredentials)
	}

	s.record(ctx, s.entry(EventPasswordChanged, p.UserID, c))

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	if err := s.endOthers(ctx, p.UserID, p.SessionID); err != nil {
		// The password is new all the same; to say otherwise would make the person try the old one.
		s.Log.ErrorContext(ctx, "sessions that began during a password change may live on", "user_id", p.UserID, "error", err)
	}

	return nil
}
