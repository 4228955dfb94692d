// Package announce publishes the events of messages: many at a time, some moments after they were written, and again
// until the broker takes them.
package announce

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	chatevents "github.com/shema-music/shema/services/contracts/chat/events"
	"github.com/shema-music/shema/services/kit/dapr"
)

const (
	// every is how often it is looked for events, and atOnce how many are published in one call.
	every  = 500 * time.Millisecond
	atOnce = 500
	// timeout bounds one call with its transaction.
	timeout = 4 * time.Second
	// maxPause is how long to rest at most when the broker or the database is away.
	maxPause = 10 * time.Second
)

// Store keeps which events are still to be published; store.Store does.
type Store interface {
	Announce(ctx context.Context, limit int, publish func(ctx context.Context, written []chat.Message, owners []uuid.UUID) error) (n int, err error)
}

// Broker takes events; dapr.Sidecar does.
type Broker interface {
	PublishAll(ctx context.Context, topic string, events []dapr.Event) (failed []string, err error)
}

// Announcer publishes the events of messages. Every replica has one.
type Announcer struct {
	store  Store
	broker Broker
	log    *slog.Logger
}

// New returns an announcer, which publishes once it runs.
func New(s Store, b Broker, log *slog.Logger) *Announcer {
	return &Announcer{store: s, broker: b, log: log}
}

// Run publishes until the context ends.
func (a *Announcer) Run(ctx context.Context) {
	pause := every
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}

		if err := a.publishAll(ctx); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "events of messages wait", "error", err)

			pause = min(2*pause, maxPause)
		} else {
			pause = every
		}
	}
}

// publishAll publishes until little is left.
func (a *Announcer) publishAll(ctx context.Context) error {
	for {
		n, err := a.publishSome(ctx)
		if err != nil || n < atOnce {
			return err
		}
	}
}

func (a *Announcer) publishSome(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	return a.store.Announce(ctx, atOnce, func(ctx context.Context, written []chat.Message, owners []uuid.UUID) error {
		events := make([]dapr.Event, len(written))
		for i := range written {
			data, err := json.Marshal(event(&written[i], owners[i]))
			if err != nil {
				return fmt.Errorf("encode an event: %w", err)
			}

			events[i] = dapr.Event{ID: written[i].ID.String(), Data: data}
		}

		_, err := a.broker.PublishAll(ctx, chatevents.TopicMessage, events)

		return err
	})
}

// event says that a message was written, in ids alone: what it says is for its readers alone.
func event(m *chat.Message, owner uuid.UUID) chatevents.Message {
	return chatevents.Message{
		EventType: chatevents.TypeMessage,
		SessionID: m.SessionID,
		UserID:    owner,
		MessageID: m.ID,
		Seq:       m.Seq,
		Sender:    string(m.Sender),
		SenderID:  m.SenderID,
		Timestamp: m.At,
	}
}
