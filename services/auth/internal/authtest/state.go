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

// State is a Dapr state store in memory: first write wins, by ETag, and keys lapse. It is safe for concurrent use.
type State struct {
	clock clock.Clock

	mu         sync.Mutex
	items      map[string]item
	version    int
	failure    error
	beforeSave func()
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

// BeforeNextSave runs f once, between somebody's reading and writing.
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

// GetMany returns the values of the keys that there are.
func (s *State) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	values := map[string][]byte{}
	for _, key := range keys {
		value, _, err := s.Get(ctx, key)
		if err != nil {
			return nil, err
		}

		if value != nil {
			values[key] = value
		}
	}

	return values, nil
}

// Save writes a key if it still has the ETag; an empty one means that it must not exist.
func (s *State) Save(_ context.Context, key string, value []byte, etag string, ttl time.Duration) error {
	s.runHook()
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.failure != nil {
		return s.failure
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
