package dapr

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// getParallelism is how many keys the sidecar reads from its store at a time.
	getParallelism = 32
	// bulkKeys is how many keys one call asks for, and bulkCalls how many calls run at once. What does not fit into one
	// answer is asked for in halves.
	bulkKeys  = 100
	bulkCalls = 4
)

// Many are the values of many keys. Missing keys have none; those that could not be read are in Failed.
type Many struct {
	Values map[string][]byte
	Failed []string
}

// GetMany returns the values of many keys, in as many calls as their size asks for. It fails with errs.Unavailable only
// if none of the keys could be read.
func (s *State) GetMany(ctx context.Context, keys []string) (Many, error) {
	all := Many{Values: map[string][]byte{}}

	var (
		mu    sync.Mutex
		calls sync.WaitGroup
		cause error
	)

	free := make(chan struct{}, bulkCalls)

	for part := range slices.Chunk(keys, bulkKeys) {
		calls.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()

			found, err := s.getPart(ctx, part)

			mu.Lock()
			defer mu.Unlock()

			maps.Copy(all.Values, found.Values)
			all.Failed = append(all.Failed, found.Failed...)
			cause = errors.Join(cause, err)
		})
	}

	calls.Wait()

	if len(keys) > 0 && len(all.Failed) == len(keys) {
		return Many{}, s.failure("read", cause)
	}

	return all, nil
}

// getPart reads keys in one call. If the answer is larger than a message may be it asks for each half by itself, down to
// a single key. The error says why there are keys that failed.
func (s *State) getPart(ctx context.Context, keys []string) (Many, error) {
	items, err := s.client.GetBulkState(ctx, s.store, keys, nil, getParallelism)
	if status.Code(err) == codes.ResourceExhausted && len(keys) > 1 {
		return s.getHalves(ctx, keys)
	}

	if err != nil {
		return Many{Failed: keys}, err
	}

	part := Many{Values: make(map[string][]byte, len(items))}
	for _, item := range items {
		switch {
		case item.Error != "":
			part.Failed = append(part.Failed, item.Key)
			err = errors.New(item.Error)
		case len(item.Value) > 0:
			part.Values[item.Key] = item.Value
		}
	}

	return part, err
}

func (s *State) getHalves(ctx context.Context, keys []string) (Many, error) {
	half := len(keys) / 2 //nolint:mnd // the two halves

	first, firstErr := s.getPart(ctx, keys[:half])
	second, secondErr := s.getPart(ctx, keys[half:])

	if first.Values == nil {
		first.Values = map[string][]byte{}
	}

	maps.Copy(first.Values, second.Values)
	first.Failed = append(slices.Clone(first.Failed), second.Failed...)

	return first, errors.Join(firstErr, secondErr)
}
