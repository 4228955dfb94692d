package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/email"
)

// signInAttempts is how often a sign-in starts over because the account's access changes under it.
const signInAttempts = 3

// Registration is what a person gives who registers. Profile lacks the id and the password's hash.
type Registration struct {
	Profile  NewAccount
	Password string
}

// Register creates a student, who gets a mail that verifies the address, and signs them in. It returns ErrWeakPassword, AUTH_EMAIL_TAKEN, or VALIDATION_FAILED. If
// the session cannot be stored the account stays, and the person signs in later.
func (s *Service) Register(ctx context.Context, r *Registration, c Client) (*Grant, error) {
	r.Profile.Email = email.Clean(r.Profile.Email)
	if err := CheckNewPassword("password", r.Password, r.Profile.Email); err != nil {
		return nil, err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make a user id: %w", err)
	}

	r.Profile.ID = id
	if r.Profile.PasswordHash, err = s.passwords.Hash(ctx, r.Password); err != nil {
		return nil, err
	}

	account, err := s.create(ctx, &r.Profile, MailVerification)
	if err != nil {
		return nil, err
	}

	s.registered(ctx, account, c)

	return s.signIn(ctx, account, c)
}

// registered remembers where a person registered from, so that a stranger's guesses cannot lock them out there. The
// account exists already, and a database which is away must not undo that.
func (s *Service) registered(ctx context.Context, account *Account, c Client) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()

	entry, hash := s.entry(EventRegistered, account.ID, c), HashEmail(account.Email)

	entry.EmailHash = &hash
	if err := s.attempts.Registered(ctx, hash, Network(c.IP), entry); err != nil {
		s.log.ErrorContext(ctx, "a registration's network is not remembered", "user_id", account.ID, "error", err)
	}
}

// Login signs a person in. It returns ErrInvalidCredentials, ErrLocked or ErrSuspended.
func (s *Service) Login(ctx context.Context, address, password string, c Client) (*Grant, error) {
	account, err := s.check(ctx, &guess{
		address:  address,
		password: password,
		client:   c,
		signsIn:  true,
		find:     func(ctx context.Context) (*Account, error) { return s.accounts.ByEmail(ctx, address) },
		right:    EventLogin,
		wrong:    EventLoginFailed,
		locked:   EventLoginLocked,
	})
	if err != nil {
		return nil, err
	}

	return s.signIn(ctx, account, c)
}

// signIn begins a session for an account whose password was right. The account is read again afterwards: whatever
// changed while the password was checked (suspension, a new role, a new password) was announced either before the
// session was stored, and is seen now, or after it, and then ends the session.
func (s *Service) signIn(ctx context.Context, account *Account, c Client) (*Grant, error) {
	for range signInAttempts {
		token, err := s.begin(ctx, account, c)
		if errors.Is(err, errStale) {
			if account, err = s.reread(ctx, account); err != nil {
				return nil, err
			}

			continue
		}

		if err != nil {
			return nil, err
		}

		now, err := s.accounts.RecordLogin(ctx, account.ID)
		if err == nil && sameAccess(account, now) {
			return s.grant(now, token)
		}

		s.discard(ctx, token)

		if err == nil {
			err = stillAdmits(account, now)
		}

		if err != nil {
			return nil, noAccountIs(err, autherrs.InvalidCredentials)
		}

		account = now
	}

	return nil, errs.Unavailable.Wrap(errors.New("the account's access keeps changing"))
}

// begin stores a new session.
func (s *Service) begin(ctx context.Context, account *Account, c Client) (*RefreshToken, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make a session id: %w", err)
	}

	now, token := s.now(), s.tokens.first(account.ID, id)
	session := Session{
		ID:          id,
		Current:     token.digest(),
		RotatedAt:   now,
		CreatedAt:   now,
		LastUsedAt:  now,
		IP:          c.IP,
		UserAgent:   c.UserAgent,
		AccessEpoch: account.AccessEpoch,
	}

	var evicted []Session

	err = s.change(ctx, account.ID, func(d *Document) (save bool, err error) {
		evicted, err = d.add(&session, now)
		return true, err
	})
	if err != nil {
		return nil, err
	}

	for _, e := range evicted {
		s.recordSession(ctx, EventSessionEnded, account.ID, e.ID, c)
	}

	return token, nil
}

func (s *Service) reread(ctx context.Context, before *Account) (*Account, error) {
	now, err := s.accounts.ByID(ctx, before.ID)
	if err == nil {
		err = stillAdmits(before, now)
	}

	return now, noAccountIs(err, autherrs.InvalidCredentials)
}

// discard takes back a session whose token no client will get. If that fails it lapses unused.
func (s *Service) discard(ctx context.Context, token *RefreshToken) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	err := s.change(ctx, token.UserID, func(d *Document) (bool, error) { return d.end(token.SessionID, s.now()), nil })
	if err != nil {
		s.log.WarnContext(ctx, "an unused session stays until it lapses", "user_id", token.UserID, "error", err)
	}
}

func (s *Service) grant(account *Account, token *RefreshToken) (*Grant, error) {
	access, err := s.signer.Sign(kitauth.Principal{
		UserID:    token.UserID,
		SessionID: token.SessionID,
		Role:      account.Role,
	})
	if err != nil {
		return nil, err
	}

	return &Grant{AccessToken: access, RefreshToken: s.tokens.Encode(token), User: &account.User}, nil
}

func sameAccess(a, b *Account) bool {
	return a.AccessEpoch == b.AccessEpoch && a.PasswordHash == b.PasswordHash && b.Status != Suspended
}

// stillAdmits says whether the password that was right before signs in now.
func stillAdmits(before, now *Account) error {
	switch {
	case before.PasswordHash != now.PasswordHash:
		return autherrs.InvalidCredentials
	case now.Status == Suspended:
		return autherrs.AccountSuspended
	}

	return nil
}

// noAccountIs gives a vanished account the meaning that it has for the caller.
func noAccountIs(err, meaning error) error {
	if errors.Is(err, ErrNoAccount) {
		return meaning
	}

	return err
}
