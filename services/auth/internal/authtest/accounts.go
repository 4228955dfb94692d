package authtest

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/auth/internal/auth"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/email"
)

// Accounts is a user service in memory. It is made by NewAccounts, and safe for concurrent use.
type Accounts struct {
	clock clock.Clock

	mu       sync.Mutex
	byID     map[uuid.UUID]*auth.Account
	failure  error
	letters  []auth.Letter
	reported []uuid.UUID
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

// Create adds a person, with the letter that they get.
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

	role, status := n.Role, auth.Active
	if role == "" {
		role = kitauth.Student
	}

	if role == kitauth.Student {
		status = auth.Pending
	}

	created := &auth.Account{
		AccessEpoch:  1,
		PasswordHash: n.PasswordHash,
		User: auth.User{
			Preferences:        n.Preferences,
			ID:                 n.ID,
			Email:              n.Email,
			FullName:           n.FullName,
			Phone:              n.Phone,
			Role:               role,
			Status:             status,
			Language:           "id",
			EmailNotifications: true,
			CreatedAt:          a.clock.Now(),
		},
	}
	a.keep(n.Letter)
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

// Names returns how people are called.
func (a *Accounts) Names(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()

	if a.failure != nil {
		return nil, a.failure
	}

	names := map[uuid.UUID]string{}

	for _, id := range ids {
		if found := a.byID[id]; found != nil {
			names[id] = found.User.FullName
		}
	}

	return names, nil
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
func (a *Accounts) SetPassword(_ context.Context, id uuid.UUID, hash string, emailVerified bool) error {
	return a.edit(id, func(found *auth.Account) error {
		found.PasswordHash = hash
		if emailVerified {
			a.verify(found)
		}

		return nil
	})
}

// SetEmail makes the address the person's, verified.
func (a *Accounts) SetEmail(_ context.Context, id uuid.UUID, address string) error {
	return a.edit(id, func(found *auth.Account) error {
		for _, other := range a.byID {
			if other.ID != id && email.Fold(other.Email) == email.Fold(address) {
				return usererrs.EmailTaken
			}
		}

		found.Email = address
		a.verify(found)

		return nil
	})
}

func (a *Accounts) verify(found *auth.Account) {
	now := a.clock.Now()
	found.EmailVerifiedAt = &now
}

// Erase forgets the person; an admin is the last one.
func (a *Accounts) Erase(_ context.Context, id uuid.UUID) error {
	return a.edit(id, func(found *auth.Account) error {
		if found.Role == kitauth.Admin {
			return usererrs.LastAdmin
		}

		delete(a.byID, id)

		return nil
	})
}

// ReportErased notes it; see Reported.
func (a *Accounts) ReportErased(_ context.Context, id uuid.UUID) error {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.reported = append(a.reported, id)

	return a.failure
}

// Reported returns of whom was said that nothing is kept of them.
func (a *Accounts) Reported() []uuid.UUID {
	a.mu.Lock()
	defer a.mu.Unlock()

	return slices.Clone(a.reported)
}

// SendLetter keeps the letter, once per id; see Letters.
func (a *Accounts) SendLetter(_ context.Context, l *auth.Letter) error {
	return a.edit(l.UserID, func(*auth.Account) error {
		a.keep(l)
		return nil
	})
}

func (a *Accounts) keep(l *auth.Letter) {
	if l != nil && !slices.ContainsFunc(a.letters, func(other auth.Letter) bool { return other.ID == l.ID }) {
		a.letters = append(a.letters, *l)
	}
}

// Letters returns the letters of a kind, first sent first.
func (a *Accounts) Letters(kind auth.MailKind) []auth.Letter {
	a.mu.Lock()
	defer a.mu.Unlock()

	return slices.DeleteFunc(slices.Clone(a.letters), func(l auth.Letter) bool { return l.Kind != kind })
}

func (a *Accounts) edit(id uuid.UUID, change func(found *auth.Account) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()

	if a.failure != nil {
		return a.failure
	}

	found, ok := a.byID[id]
	if !ok {
		return auth.ErrNoAccount
	}

	return change(found)
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
