package chattest

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
)

// Users is a user service in memory.
type Users struct {
	mu      sync.Mutex
	people  map[uuid.UUID]chat.Person
	failure error
	asked   int
	held    sync.Mutex
}

// NewUsers returns a user service without people.
func NewUsers() *Users { return &Users{people: map[uuid.UUID]chat.Person{}} }

// Add makes a person with that id.
func (u *Users) Add(id uuid.UUID, name string) {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.people[id] = chat.Person{ID: id, FullName: name}
}

// FailWith makes every call fail from now on; nil ends that.
func (u *Users) FailWith(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.failure = err
}

// Hold makes calls wait until Release.
func (u *Users) Hold() { u.held.Lock() }

// Release lets calls go on.
func (u *Users) Release() { u.held.Unlock() }

// Asked returns how often it was asked.
func (u *Users) Asked() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.asked
}

// Lookup implements chat.Users.
func (u *Users) Lookup(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]chat.Person, error) {
	u.held.Lock()
	u.held.Unlock() // a gate
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

// SignIns is an auth service in memory, for which every session is open that did not end.
type SignIns struct {
	mu      sync.Mutex
	ended   map[uuid.UUID]bool
	failure error
}

// NewSignIns returns an auth service in which nothing has ended.
func NewSignIns() *SignIns { return &SignIns{ended: map[uuid.UUID]bool{}} }

// End ends a session.
func (s *SignIns) End(sessionID uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.ended[sessionID] = true
}

// FailWith makes every call fail from now on; nil ends that.
func (s *SignIns) FailWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.failure = err
}

// Ended implements hub.SignIns.
func (s *SignIns) Ended(_ context.Context, asked []hub.SignIn) ([]hub.SignIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.failure != nil {
		return nil, s.failure
	}

	return slices.DeleteFunc(slices.Clone(asked), func(signIn hub.SignIn) bool { return !s.ended[signIn.SessionID] }), nil
}
