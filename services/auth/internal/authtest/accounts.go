package authtest

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/auth/internal/auth"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/email"
)

// Accounts is a user service in memory. It is safe for concurrent use.
type Accounts struct {
	clock clock.Clock

	mu      sync.Mutex
	byID    map[uuid.UUID]*auth.Account
	failure error
}

var _ auth.Accounts = (*Accounts)(nil)

// NewAccounts returns a user service without people.
func NewAccounts(c clock.Clock) *Accounts {
	return &Accounts{clock: c, byID: map[uuid.UUID]*auth.Account{}}
}

// FailWith makes every call fail from now on; nil ends that.
func (a *Accounts) FailWith(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.failure = err
}

// Change changes an account as an admin would; ends raises the access epoch.
func (a *Accounts) Change(id uuid.UUID, ends bool, change func(u *auth.User)) (epoch int64) {
	a.mu.Lock()
	defer a.mu.Unlock()

	found := a.byID[id]
	change(&found.User)

	if ends {
		found.AccessEpoch++
	}

	return found.AccessEpoch
}

// Create adds a student.
func (a *Accounts) Create(_ context.Context, n *auth.NewAccount) (*auth.Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()

	if a.failure != nil {
		return nil, a.failure
	}

	for _, other := range a.byID {
		if email.Fold(other.User.Email) == email.Fold(n.Email) {
			return nil, usererrs.EmailTaken
		}
	}

	created := &auth.Account{
		AccessEpoch:  1,
		PasswordHash: n.PasswordHash,
		User: auth.User{
			Preferences: n.Preferences,
			ID:          n.ID,
			Email:       n.Email,
			FullName:    n.FullName,
			Phone:       n.Phone,
			Role:        kitauth.Student,
			Status:      auth.Pending,
			CreatedAt:   a.clock.Now(),

			Language:           "id",
			EmailNotifications: true,
		},
	}
	a.byID[n.ID] = created

	return clone(created), nil
}

// ByEmail returns the account with that address.
func (a *Accounts) ByEmail(_ context.Context, address string) (*auth.Account, error) {
	return a.find(func(u *auth.User) bool { return email.Fold(u.Email) == email.Fold(address) })
}

// ByID returns the account with that id.
func (a *Accounts) ByID(_ context.Context, id uuid.UUID) (*auth.Account, error) {
	return a.find(func(u *auth.User) bool { return u.ID == id })
}

func (a *Accounts) find(is func(u *auth.User) bool) (*auth.Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()

	if a.failure != nil {
		return nil, a.failure
	}

	for _, found := range a.byID {
		if is(&found.User) {
			return clone(found), nil
		}
	}

	return nil, auth.ErrNoAccount
}

// SetPassword replaces the hash.
func (a *Accounts) SetPassword(_ context.Context, id uuid.UUID, hash string) error {
	a.mu.Lock()
	defer a.mu.Unlock()

	if a.failure != nil {
		return a.failure
	}

	found, ok := a.byID[id]
	if !ok {
		return auth.ErrNoAccount
	}

	found.PasswordHash = hash

	return nil
}

// RecordLogin notes a login.
func (a *Accounts) RecordLogin(_ context.Context, id uuid.UUID) (*auth.Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()

	if a.failure != nil {
		return nil, a.failure
	}

	found, ok := a.byID[id]
	if !ok {
		return nil, auth.ErrNoAccount
	}

	now := a.clock.Now()
	found.User.LastLoginAt = &now

	return clone(found), nil
}

func clone(a *auth.Account) *auth.Account {
	copied := *a
	return &copied
}
