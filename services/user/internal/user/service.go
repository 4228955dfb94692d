package user

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/email"
)

// Store keeps the people. Methods that look for one person return ErrNotFound if there is none.
type Store interface {
	// Create adds a person and announces the events with it. If the id is known already the person who has it is
	// returned and nothing happens. It returns ErrEmailTaken if somebody else has the address.
	Create(ctx context.Context, n *NewAccount, announce ...Event) (Account, error)
	ByID(ctx context.Context, id uuid.UUID) (Account, error)
	ByEmailKey(ctx context.Context, key string) (Account, error)
	ByIDs(ctx context.Context, ids []uuid.UUID) ([]User, error)
	// List returns at most limit people after the position, newest first; a nil position is the beginning.
	List(ctx context.Context, f Filter, after *Position, limit int) ([]User, error)
	CountStudents(ctx context.Context) (int64, error)
	UpdateProfile(ctx context.Context, id uuid.UUID, p *ProfileUpdate) (User, error)
	// UpdateAccess changes a person as decide says; while it runs nobody else's access changes.
	UpdateAccess(ctx context.Context, id uuid.UUID, decide func(a *Account, otherAdmins int) (AccessDecision, error)) (User, error)
	SetPassword(ctx context.Context, id uuid.UUID, hash string) error
	// RecordLogin notes a login, unless the person is suspended, and returns the account.
	RecordLogin(ctx context.Context, id uuid.UUID) (Account, error)
}

// Service answers questions about people and changes them.
type Service struct {
	store Store
	clock clock.Clock
}

// NewService returns the service on its store.
func NewService(s Store, c clock.Clock) *Service { return &Service{store: s, clock: c} }

// Register creates a pending student and announces it. Repeating it with the same id and e-mail address returns the
// same person. It returns ErrEmailTaken, or VALIDATION_FAILED with the bad fields.
func (s *Service) Register(ctx context.Context, n *NewAccount) (Account, error) {
	n.Role, n.Status = auth.Student, Pending
	if err := n.clean(); err != nil {
		return Account{}, err
	}

	created, err := s.store.Create(ctx, n, Event{Topic: userevents.TopicRegistered, Payload: userevents.Registered{
		EventType:            userevents.TypeRegistered,
		UserID:               n.ID,
		Email:                n.Email,
		PreferredInstruments: n.PreferredInstruments,
		ExperienceLevel:      n.ExperienceLevel,
		Timestamp:            s.clock.Now(),
	}})
	if err != nil {
		return Account{}, err
	}

	if email.Fold(created.Email) != n.EmailKey {
		return Account{}, idTaken()
	}

	return created, nil
}

// EnsureAdmin makes an active admin with that e-mail address. If somebody has the address already it leaves that
// person alone and returns created = false; the person's role tells whether it is an admin.
func (s *Service) EnsureAdmin(ctx context.Context, address, passwordHash string) (a Account, created bool, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Account{}, false, err
	}

	n := &NewAccount{
		ID:           id,
		Email:        address,
		PasswordHash: passwordHash,
		FullName:     "Administrator",
		Role:         auth.Admin,
		Status:       Active,
	}
	if err := n.clean(); err != nil {
		return Account{}, false, err
	}

	a, err = s.store.Create(ctx, n)
	if errors.Is(err, usererrs.EmailTaken) {
		a, err = s.store.ByEmailKey(ctx, n.EmailKey)
		return a, false, err
	}

	return a, err == nil, err
}

// Get returns a person.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (User, error) {
	a, err := s.store.ByID(ctx, id)
	return a.User, err
}

// Account returns a person with the password hash, by id.
func (s *Service) Account(ctx context.Context, id uuid.UUID) (Account, error) {
	return s.store.ByID(ctx, id)
}

// AccountByEmail returns a person with the password hash, by e-mail address.
func (s *Service) AccountByEmail(ctx context.Context, address string) (Account, error) {
	if !email.Valid(address) {
		return Account{}, usererrs.NotFound
	}

	return s.store.ByEmailKey(ctx, email.Fold(address))
}

// GetMany returns those of the people who exist, in no particular order.
func (s *Service) GetMany(ctx context.Context, ids []uuid.UUID) ([]User, error) {
	return s.store.ByIDs(ctx, ids)
}

// List returns a page of people, newest first, and where it ends if there are more.
func (s *Service) List(ctx context.Context, f Filter, after *Position, limit int) ([]User, *Position, error) {
	f.Text = norm.NFC.String(strings.TrimSpace(f.Text))
	if hasControl(f.Text) {
		return []User{}, nil, nil
	}

	users, err := s.store.List(ctx, f, after, limit+1)
	if err != nil || len(users) <= limit {
		return users, nil, err
	}

	users = users[:limit]
	end := users[limit-1].Position()

	return users, &end, nil
}

// CountStudents returns how many students there are.
func (s *Service) CountStudents(ctx context.Context) (int64, error) {
	return s.store.CountStudents(ctx)
}

// UpdateProfile changes what people may change about themselves.
func (s *Service) UpdateProfile(ctx context.Context, id uuid.UUID, p *ProfileUpdate) (User, error) {
	if err := p.clean(); err != nil {
		return User{}, err
	}

	return s.store.UpdateProfile(ctx, id, p)
}

// UpdateAccess changes somebody's role or status; see AccessUpdate.Decide.
func (s *Service) UpdateAccess(ctx context.Context, id uuid.UUID, u AccessUpdate) (User, error) {
	return s.store.UpdateAccess(ctx, id, func(a *Account, otherAdmins int) (AccessDecision, error) {
		return u.Decide(a, otherAdmins, s.clock.Now())
	})
}

// SetPassword replaces the password hash.
func (s *Service) SetPassword(ctx context.Context, id uuid.UUID, hash string) error {
	return s.store.SetPassword(ctx, id, hash)
}

// RecordLogin notes that the person has signed in now, unless suspended meanwhile, and returns the account as it is.
func (s *Service) RecordLogin(ctx context.Context, id uuid.UUID) (Account, error) {
	return s.store.RecordLogin(ctx, id)
}
