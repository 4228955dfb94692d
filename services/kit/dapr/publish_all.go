package dapr

import (
	"context"
	"fmt"

	"github.com/dapr/go-sdk/client"

	"github.com/shema-music/shema/services/contracts/errs"
)

// Event is one of several events that are published together.
type Event struct {
	// ID is the same at every try.
	ID string
	// Data is JSON.
	Data []byte
}

// PublishAll sends CloudEvents to a topic in one call, in no order. If it fails, with errs.Unavailable, some of them may
// have been published.
func (s *Sidecar) PublishAll(ctx context.Context, topic string, events []Event) error {
	entries := make([]any, len(events))
	for i, e := range events {
		encoded, err := s.encodeEvent(ctx, topic, e.ID, e.Data)
		if err != nil {
			return err
		}

		entries[i] = client.PublishEventsEvent{EntryID: e.ID, Data: encoded, ContentType: cloudEventsType}
	}

	if answer := s.grpc.PublishEvents(ctx, pubsubName, topic, entries); answer.Error != nil {
		return errs.Unavailable.Wrap(fmt.Errorf("publish %d events to %s: %w", len(events), topic, answer.Error))
	}

	return nil
}
