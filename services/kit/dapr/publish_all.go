package dapr

import (
	"context"
	"fmt"

	"github.com/dapr/go-sdk/client"
	"go.opentelemetry.io/otel/propagation"

	"github.com/shema-music/shema/services/contracts/errs"
)

// Event is one of several events that are published together.
type Event struct {
	// ID is the same at every try.
	ID string
	// Data is JSON.
	Data []byte
	// TraceParent is of the trace in which the event was made; empty, it is the context's.
	TraceParent string
}

// PublishAll sends CloudEvents to a topic in one call, in no order. If it fails, with errs.Unavailable, it returns the ids
// of those that may not have been published.
func (s *Sidecar) PublishAll(ctx context.Context, topic string, events []Event) (failed []string, err error) {
	entries := make([]any, len(events))
	for i, e := range events {
		encoded, err := s.encodeEvent(traced(ctx, e.TraceParent), topic, e.ID, e.Data)
		if err != nil {
			return idsOf(events), err
		}

		entries[i] = client.PublishEventsEvent{EntryID: e.ID, Data: encoded, ContentType: cloudEventsType}
	}

	answer := s.grpc.PublishEvents(ctx, pubsubName, topic, entries)
	if answer.Error == nil {
		return nil, nil
	}

	for _, entry := range answer.FailedEvents {
		if event, ok := entry.(client.PublishEventsEvent); ok {
			failed = append(failed, event.EntryID)
		}
	}

	return failed, errs.Unavailable.Wrap(fmt.Errorf("publish %d events to %s: %w", len(failed), topic, answer.Error))
}

// traced returns the context in the trace of that parent, if there is one.
func traced(ctx context.Context, parent string) context.Context {
	if parent == "" {
		return ctx
	}

	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": parent})
}

func idsOf(events []Event) []string {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}

	return ids
}
