package dapr

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/dapr/go-sdk/client"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/shema-music/shema/services/contracts/errs"
)

// ErrConflict says that another writer has changed the key since it was read.
var ErrConflict = errors.New("the state has changed since it was read")

// State is one Dapr state store.
type State struct {
	store  string
	client client.Client
}

// State returns the state store of that component.
func (s *Sidecar) State(store string) *State { return &State{store: store, client: s.grpc} }

// Get returns a key's value and ETag; a missing key has neither. It fails with errs.Unavailable.
func (s *State) Get(ctx context.Context, key string) (value []byte, etag string, err error) {
	item, err := s.client.GetState(ctx, s.store, key, nil)
	if err != nil {
		return nil, "", s.failure("read", err)
	}

	if item == nil || len(item.Value) == 0 {
		return nil, "", nil
	}

	return item.Value, item.Etag, nil
}

// Save writes a key for the time of ttl (whole seconds, at least one), if it still has the ETag that Get returned; an
// empty ETag means that the key must not exist. It fails with ErrConflict or errs.Unavailable. Redis lets a write with
// an ETag pass when the key has been deleted meanwhile: what must not come back is overwritten, not deleted.
func (s *State) Save(ctx context.Context, key string, value []byte, etag string, ttl time.Duration) error {
	err := s.save(ctx, key, value, etag, ttl, client.StateConcurrencyFirstWrite)
	if etag != "" || !errors.Is(err, errs.Unavailable) {
		return err
	}

	// For a key that should not exist but does, Redis' component reports no mismatch, only that its script failed.
	if found, _, getErr := s.Get(ctx, key); getErr == nil && found != nil {
		return ErrConflict
	}

	return err
}

// Put writes a key whatever it holds: the last write wins. It is for caches.
func (s *State) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.save(ctx, key, value, "", ttl, client.StateConcurrencyLastWrite)
}

func (s *State) save(ctx context.Context, key string, value []byte, etag string, ttl time.Duration, concurrency client.StateConcurrency) error {
	item := &client.SetStateItem{
		Key:      key,
		Value:    value,
		Metadata: map[string]string{"ttlInSeconds": strconv.Itoa(max(int(ttl/time.Second), 1))},
		Options:  &client.StateOptions{Concurrency: concurrency, Consistency: client.StateConsistencyStrong},
	}
	if etag != "" {
		item.Etag = &client.ETag{Value: etag}
	}

	if err := s.client.SaveBulkState(ctx, s.store, item); err != nil {
		return s.failure("write", err)
	}

	return nil
}

// Delete removes a key; a missing one is fine. It fails with errs.Unavailable.
func (s *State) Delete(ctx context.Context, key string) error {
	if err := s.client.DeleteState(ctx, s.store, key, nil); err != nil {
		return s.failure("delete", err)
	}

	return nil
}

func (s *State) failure(verb string, err error) error {
	if status.Code(err) == codes.Aborted {
		return ErrConflict
	}

	return errs.Unavailable.Wrap(fmt.Errorf("%s state in %s: %w", verb, s.store, err))
}
