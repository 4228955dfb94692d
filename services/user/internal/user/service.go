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
	// returned and nothing happens. It returns ErrEmailTaken if another person has the address.
	Create(ctx context.Context, n *NewAccount, announce ...Event) (Account, error)
	ByID(ctx context.Context, id uuid.UUID) (Account, error)
	ByEmailKey(ctx context.Context, key string) (Account, error)
	ByIDs(ctx context.Context, ids []uuid.UUID) ([]User, error)
	// List returns at most limit people after the position, newest first; a nil position is the beginning.
	List(ctx context.Context, f Filter, after *Position, limit int) ([]User, error)
	CountStudents(ctx context.Context) (int64, error)
	UpdateProfile(ctx context.Context, id uuid.UUID, p *ProfileUpdate) (User, error)
	// UpdateAccess changes a person as decide says; while it runs no other person's access changes.
	UpdateAccess(ctx context.Context, id uuid.UUID, decide func(a *Account, otherAdmins int) (AccessDecision, error)) (User, error)
	// SetPassword replaces the hash; emailVerified notes that the address is verified too.
	SetPassword(ctx context.Context, id uuid.UUID, hash string, emailVerified bool) error
	// SetEmail makes address the person's verified one, keeps the letter and announces the events that decide returns, all
	// in one transaction. It returns usererrs.EmailTaken if another person has the key.
	SetEmail(ctx context.Context, id uuid.UUID, address, key string, decide func(before *Account) AddressChange) (Account, error)
	// TeachersByEmailKey returns the teachers who may sign in, by their keys.
	TeachersByEmailKey(ctx context.Context, keys []string) (map[string]uuid.UUID, error)
	// ActivateAll makes those active who are pending students.
	ActivateAll(ctx context.Context, ids []uuid.UUID) error
	// AddLetter keeps a letter and sends it, once for its id.
	AddLetter(ctx context.Context, l *Letter) error
	// Erase empties the person's row, deletes what they were told, and remembers which apps have to forget them too;
	// nothing happens if they are erased already. While it runs no other person's access changes.
	Erase(ctx context.Context, id uuid.UUID, apps []string, decide func(a *Account, otherAdmins int) (AccessDecision, error)) error
	// ReportErased notes that an app has forgotten the person.
	ReportErased(ctx context.Context, id uuid.UUID, appID string) error
	// SetCalendarSecret replaces the hash of a calendar's secret; nil ends the calendar.
	SetCalendarSecret(ctx context.Context, id uuid.UUID, hash []byte) error
	// ByCalendarSecret returns the owner, or errs.NotFound.
	ByCalendarSecret(ctx context.Context, hash []byte) (User, error)
	// RecordLogin notes a login, unless the person is suspended, and returns the account.
	RecordLogin(ctx context.Context, id uuid.UUID) (Account, error)
}

// firstEpoch is the access epoch with which the table begins.
const firstEpoch = 1

// Service answers questions about people and changes them.
type Service struct {
	store Store
	clock clock.Clock
}

// NewService returns the service on its store.
func NewService(s Store, c clock.Clock) *Service { return &Service{store: s, clock: c} }

// Create creates a person: a student unless n says otherwise. Students are pending, others active. A registration, which
// brings a password, is announced as such; an invited teacher or admin as a person with new access. Repeating it with the
// same id and e-mail address returns the same person. It returns usererrs.EmailTaken, or VALIDATION_FAILED with the bad
// fields.
func (s *Service) Create(ctx context.Context, n *NewAccount) (Account, error) {
	if n.Role == "" {
		n.Role = auth.Student
	}

	n.Status = Active
	if n.Role == auth.Student {
		n.Status = Pending
	}

	if err := n.clean(); err != nil {
		return Account{}, err
	}

	created, err := s.store.Create(ctx, n, s.arrival(n)...)
	if err != nil {
		return Account{}, err
	}

	if email.Fold(created.Email) != n.EmailKey {
		return Account{}, idTaken()
	}

	return created, nil
}

// arrival announces a new person.
func (s *Service) arrival(n *NewAccount) []Event {
	switch {
	case n.Role != auth.Student:
		newcomer := Account{User: User{ID: n.ID}}
		access := AccessDecision{Role: n.Role, Status: n.Status, AccessEpoch: firstEpoch}

		return []Event{accessChanged(&newcomer, &access, nil, s.clock.Now())}
	case n.PasswordHash == "":
		return nil
	}

	return []Event{{Topic: userevents.TopicRegistered, Payload: userevents.Registered{
		EventType:            userevents.TypeRegistered,
		UserID:               n.ID,
		Email:                n.Email,
		PreferredInstruments: n.PreferredInstruments,
		ExperienceLevel:      n.ExperienceLevel,
		Timestamp:            s.clock.Now(),
	}}}
}

// EnsureAdmin makes an active admin with that e-mail address. If a person has the address already it leaves that
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

// UpdateAccess changes a person's role or status; see AccessUpdate.Decide.
func (s *Service) UpdateAccess(ctx context.Context, id uuid.UUID, u AccessUpdate) (User, error) {
	return s.store.UpdateAccess(ctx, id, func(a *Account, otherAdmins int) (AccessDecision, error) {
		return u.Decide(a, otherAdmins, s.clock.Now())
	})
}

// SetPassword replaces the password hash; emailVerified notes that the address is verified too.
func (s *Service) SetPassword(ctx context.Context, id uuid.UUID, hash string, emailVerified bool) error {
	return s.store.SetPassword(ctx, id, hash, emailVerified)
}

// Activate makes those of the people active who are pending students.
func (s *Service) Activate(ctx context.Context, ids []uuid.UUID) error {
	return s.store.ActivateAll(ctx, ids)
}

// RecordLogin notes that the person has signed in now, unless suspended meanwhile, and returns the account as it is.
func (s *Service) RecordLogin(ctx context.Context, id uuid.UUID) (Account, error) {
	return s.store.RecordLogin(ctx, id)
}
