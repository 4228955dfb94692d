package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

const (
	// recheckGuess is how long a guess that has to wait does so at most before it looks again: outcomes in other
	// processes ring no bell here.
	recheckGuess = 200 * time.Millisecond
	// settleTimeout bounds writing an outcome after the caller has gone.
	settleTimeout = 3 * time.Second
)

// guess is one look at a password, by a client who claims to know it.
type guess struct {
	address, password string
	client            Client
	// find returns the account, or ErrNoAccount.
	find func(ctx context.Context) (*Account, error)
	// right, wrong and locked name the outcomes in the audit log.
	right, wrong, locked string
	// signsIn says whether a right password signs the person in.
	signsIn bool
}

// check counts the guess, looks at the password and writes down the outcome. It returns the account if the password is
// right and the account not suspended; otherwise ErrInvalidCredentials, ErrLocked or ErrSuspended. Accounts that do not
// exist take the same way at the same cost.
func (s *Service) check(ctx context.Context, g *guess) (*Account, error) {
	hash, network := HashEmail(g.address), Network(g.client.IP)

	id, err := s.admit(ctx, g, hash, network)
	if err != nil {
		return nil, err
	}
	defer s.settled.ring()

	account, right, err := s.look(ctx, g)

	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	entry := Entry{EmailHash: &hash, Client: g.client}
	if account != nil {
		entry.UserID = &account.ID
	}

	told := &entry
	if account == nil && !s.anonymous.Allow() {
		told = nil
	}

	switch {
	case err != nil:
		return nil, errors.Join(err, s.attempts.Withdraw(settling, id))
	case !right:
		entry.Event = g.wrong

		if err := s.attempts.Fail(settling, id, hash, network, told); err != nil {
			return nil, err
		}

		return nil, autherrs.InvalidCredentials
	case account.Status == Suspended:
		entry.Event = EventLoginSuspended
		if err := s.attempts.Succeed(settling, id, hash, network, false, entry); err != nil {
			return nil, err
		}

		return nil, autherrs.AccountSuspended
	}

	entry.Event, entry.ActorID = g.right, &account.ID

	return account, s.attempts.Succeed(settling, id, hash, network, g.signsIn, entry)
}

// admit waits until the guess may be made. Guesses for one address from one network stand in line, so that a crowd of
// them asks the database one by one.
func (s *Service) admit(ctx context.Context, g *guess, hash EmailHash, network string) (id int64, err error) {
	leave, err := s.guessers.enter(ctx, pair{hash, network})
	if err != nil {
		return 0, err
	}
	defer leave()

	for {
		settled := s.settled.next()

		id, verdict, err := s.attempts.Begin(ctx, hash, network)
		switch {
		case err != nil:
			return 0, err
		case verdict.Admitted:
			return id, nil
		case verdict.LockedFor > 0:
			s.record(ctx, Entry{Event: g.locked, EmailHash: &hash, Client: g.client})
			return 0, autherrs.Locked.After(verdict.LockedFor)
		}

		select {
		case <-settled:
		case <-time.After(recheckGuess):
		case <-ctx.Done():
			return 0, errs.Unavailable.Wrap(fmt.Errorf("wait for other guesses: %w", ctx.Err()))
		}
	}
}

// look compares the password; for an account that does not exist, or that has none, with a hash that
// nothing matches.
func (s *Service) look(ctx context.Context, g *guess) (account *Account, right bool, err error) {
	account, err = g.find(ctx)

	hash := s.passwords.Unmatched()
	switch {
	case err == nil && account.PasswordHash == "": // invited, and no password set
	case err == nil:
		hash = account.PasswordHash
	case !errors.Is(err, ErrNoAccount):
		return nil, false, err
	}

	right, err = s.passwords.Matches(ctx, hash, g.password)

	return account, right && account != nil, err
}
