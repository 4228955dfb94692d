// Package authtest has stand-ins for what the auth service depends on besides Postgres: a state store and the user
// service.
package authtest

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/shema-music/shema/services/auth/internal/sessions"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/dapr"
)

// State is a Dapr state store in memory: first write wins, by ETag, and keys lapse. It is made by NewState,
// and safe for concurrent use.
type State struct {
	clock clock.Clock

	mu         sync.Mutex
	items      map[string]item
	version    int
	failure    error
	beforeSave func()

	broken        string
	reads, writes int
	conflicting   bool
}

type item struct {
	value   []byte
	etag    string
	expires time.Time
}

var _ sessions.State = (*State)(nil)

// NewState returns an empty store whose keys lapse by the clock.
func NewState(c clock.Clock) *State { return &State{clock: c, items: map[string]item{}} }

// FailWith makes every call fail from now on; nil ends that.
func (s *State) FailWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.failure = err
}

// BeforeNextSave runs f once, between a caller's reading and writing.
func (s *State) BeforeNextSave(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.beforeSave = f
}

// Get returns a key's value and ETag.
func (s *State) Get(_ context.Context, key string) (value []byte, etag string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.failure != nil {
		return nil, "", s.failure
	}

	found, ok := s.items[key]
	if !ok || !s.clock.Now().Before(found.expires) {
		return nil, "", nil
	}

	return slices.Clone(found.value), found.etag, nil
}

// GetMany returns the values of the keys that there are. Keys that Break named can't be read.
func (s *State) GetMany(ctx context.Context, keys []string) (dapr.Many, error) {
	s.mu.Lock()
	s.reads += len(keys)
	s.mu.Unlock()

	found := dapr.Many{Values: map[string][]byte{}}
	for _, key := range keys {
		if s.isBroken(key) {
			found.Failed = append(found.Failed, key)
			continue
		}

		value, _, err := s.Get(ctx, key)
		if err != nil {
			return dapr.Many{}, err
		}

		if value != nil {
			found.Values[key] = value
		}
	}

	return found, nil
}

// Break makes a key unreadable for GetMany.
func (s *State) Break(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.broken = key
}

func (s *State) isBroken(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	return key == s.broken
}

// ReadsOfMany returns how many keys GetMany was asked for.
func (s *State) ReadsOfMany() int {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.reads
}

// ConflictAlways makes every write fail as if another process had been faster; false ends that.
func (s *State) ConflictAlways(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.conflicting = on
}

// Writes returns how many writes were tried.
func (s *State) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.writes
}

// Save writes a key if it still has the ETag; an empty one means that it must not exist.
func (s *State) Save(_ context.Context, key string, value []byte, etag string, ttl time.Duration) error {
	s.runHook()
	s.mu.Lock()
	defer s.mu.Unlock()

	s.writes++

	switch {
	case s.failure != nil:
		return s.failure
	case s.conflicting:
		return dapr.ErrConflict
	}

	current, ok := s.items[key]
	if ok && s.clock.Now().Before(current.expires) && current.etag != etag {
		return dapr.ErrConflict
	}

	s.version++
	s.items[key] = item{
		value:   slices.Clone(value),
		etag:    strconv.Itoa(s.version),
		expires: s.clock.Now().Add(ttl),
	}

	return nil
}

func (s *State) runHook() {
	s.mu.Lock()
	hook := s.beforeSave
	s.beforeSave = nil
	s.mu.Unlock()

	if hook != nil {
		hook()
	}
}

// Keys returns all keys that have not lapsed.
func (s *State) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()

	var keys []string
	for key, i := range s.items {
		if s.clock.Now().Before(i.expires) {
			keys = append(keys, key)
		}
	}

	return keys
}
