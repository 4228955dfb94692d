package outbox

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/propagation"

	"github.com/shema-music/shema/services/kit/postgres"
)

// maxEvent bounds an event's data, so that the length of a stream bounds its memory, and a batch that of a call.
const maxEvent = 16 << 10

// Publish puts an event into the outbox: it is published after tx has committed, and only then, again and again until
// the broker takes it, always with the same id. The payload becomes its JSON data.
func (i *Inserter) Publish(ctx context.Context, tx pgx.Tx, topic string, payload any) error {
	return i.PublishAll(ctx, tx, topic, []any{payload})
}

// PublishAll is Publish for many events of one topic, which cost one round trip together.
func (i *Inserter) PublishAll(ctx context.Context, tx pgx.Tx, topic string, payloads []any) error {
	if len(payloads) == 0 {
		return nil
	}

	batch := &pgx.Batch{}
	for _, payload := range payloads {
		if err := i.Queue(ctx, batch, topic, payload); err != nil {
			return err
		}
	}

	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("put events for %s into the outbox: %w", topic, err)
	}

	return nil
}

// Prepared is an event for the columns id, topic, data and trace of the table of events.
type Prepared struct {
	ID          uuid.UUID
	Topic       string
	Data        json.RawMessage
	TraceParent string
}

// Prepare returns an event that the caller inserts by a statement of its own. When that has committed, Wake has it
// published at once.
func (i *Inserter) Prepare(ctx context.Context, topic string, payload any) (Prepared, error) {
	data, err := json.Marshal(payload)
	if err != nil {
		return Prepared{}, fmt.Errorf("encode an event for %s: %w", topic, err)
	}

	if len(data) > maxEvent {
		return Prepared{}, fmt.Errorf("an event for %s has %d bytes, more than %d: events carry ids, not texts", topic, len(data), maxEvent)
	}

	id, err := uuid.NewV7()
	if err != nil {
		return Prepared{}, fmt.Errorf("make an event id: %w", err)
	}

	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)

	return Prepared{
		ID:          id,
		Topic:       topic,
		Data:        data,
		TraceParent: carrier.Get("traceparent"),
	}, nil
}

// Wake says that events have been committed.
func (i *Inserter) Wake() { i.wake.Set() }

// Queue is Publish as one of the statements of a batch, which the caller sends in its transaction.
func (i *Inserter) Queue(ctx context.Context, batch *pgx.Batch, topic string, payload any) error {
	e, err := i.Prepare(ctx, topic, payload)
	if err != nil {
		return err
	}

	batch.Queue(i.insert, e.ID, e.Topic, e.Data, e.TraceParent)

	if i.channel != "" {
		batch.Queue("SELECT pg_notify($1, '')", i.channel)
	}

	postgres.AfterCommit(ctx, i.Wake)

	return nil
}

func eventsTable(schema string) string { return pgx.Identifier{schema, "outbox_events"}.Sanitize() }

// channelOf is where a process that only inserts tells the service that there is something to publish.
func channelOf(schema string) string { return "outbox_events_" + schema }
