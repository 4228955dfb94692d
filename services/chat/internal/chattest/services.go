package chattest

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Users is a user service in memory. The zero value has no people.
type Users struct {
	mu      sync.Mutex
	people  map[uuid.UUID]chat.Person
	failure error
	asked   int
	// gate is what calls wait for until it is closed; nil lets them go on.
	gate chan struct{}
}

// Add makes a person with that id.
func (u *Users) Add(id uuid.UUID, name string) {
	u.mu.Lock()
	defer u.mu.Unlock()

	if u.people == nil {
		u.people = map[uuid.UUID]chat.Person{}
	}

	u.people[id] = chat.Person{ID: id, FullName: name}
}

// FailWith makes every call fail from now on; nil ends that.
func (u *Users) FailWith(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.failure = err
}

// Hold makes calls wait until Release.
func (u *Users) Hold() {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.gate = make(chan struct{})
}

// Release lets calls go on.
func (u *Users) Release() {
	u.mu.Lock()
	defer u.mu.Unlock()

	close(u.gate)
	u.gate = nil
}

func (u *Users) waitAtGate() {
	u.mu.Lock()
	gate := u.gate
	u.mu.Unlock()

	if gate != nil {
		<-gate
	}
}

// Asked returns how often it was asked.
func (u *Users) Asked() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.asked
}

// Lookup implements chat.Users.
func (u *Users) Lookup(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]chat.Person, error) {
	u.waitAtGate()

	u.mu.Lock()
	defer u.mu.Unlock()

	u.asked++

	found := map[uuid.UUID]chat.Person{}
	for _, id := range ids {
		if person, ok := u.people[id]; ok {
			found[id] = person
		}
	}

	return found, u.failure
}

// SignIns is an auth service in memory. The zero value has no sign-ins.
type SignIns struct {
	mu      sync.Mutex
	open    map[hub.SignIn]bool
	failure error
}

// Open opens a sign-in.
func (s *SignIns) Open(signIn hub.SignIn) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.open == nil {
		s.open = map[hub.SignIn]bool{}
	}

	s.open[signIn] = true
}

// End ends a sign-in.
func (s *SignIns) End(signIn hub.SignIn) {
	s.mu.Lock()
	defer s.mu.Unlock()

	delete(s.open, signIn)
}

// FailWith makes every call fail from now on; nil ends that.
func (s *SignIns) FailWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.failure = err
}

// Ended implements hub.SignIns. What was never open has ended, and who asks for nothing is refused.
func (s *SignIns) Ended(_ context.Context, asked []hub.SignIn) ([]hub.SignIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.failure != nil {
		return nil, s.failure
	}

	if len(asked) == 0 {
		return nil, errs.Invalid(errs.Field{Name: "sessions", Message: errs.Text{
			English: "must name at least one", Indonesian: "harus menyebut sedikitnya satu",
		}})
	}

	return slices.DeleteFunc(slices.Clone(asked), func(signIn hub.SignIn) bool { return s.open[signIn] }), nil
}
