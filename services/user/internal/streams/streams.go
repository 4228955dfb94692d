// Package streams takes out of the broker what names a person who has left: the event of the registration carries the
// e-mail address, and a stream keeps its events until it is too long.
package streams

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/shema-music/shema/services/contracts/apps"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/redisclient"
)

const (
	// timeout bounds one question to Redis.
	timeout = 2 * time.Second
	// page is how many entries are read at once. An entry is at most 16 KiB (kit/outbox), and mostly below 1.
	page = 200
	// dataField is where Dapr puts an event.
	dataField = "data"
)

// Store is what is known of those who have left. The implementation is Postgres.
type Store interface {
	// Announced are people who have left and whose registration may still be in the broker. Those whose event has yet to
	// leave the outbox are not among them.
	Announced(ctx context.Context) ([]uuid.UUID, error)
	// ReportErased notes that an app has forgotten a person.
	ReportErased(ctx context.Context, id uuid.UUID, appID string) error
}

// Streams are the broker's streams in which people are named.
type Streams struct {
	client *redis.Client
	store  Store
}

// Open returns the streams on the Redis that the URL names. It connects when it is first used.
func Open(url string, store Store) (*Streams, error) {
	client, err := redisclient.Open(url, redisclient.Limits{Timeout: timeout, Connections: 1})
	if err != nil {
		return nil, err
	}

	return &Streams{client: client, store: store}, nil
}

// Close ends the connection.
func (s *Streams) Close() { _ = s.client.Close() }

// Forget takes all people out of the streams who have left, and notes it. It may run in several replicas at once.
func (s *Streams) Forget(ctx context.Context) error {
	people, err := s.store.Announced(ctx)
	if err != nil || len(people) == 0 {
		return err
	}

	for _, name := range named() {
		if err := s.forgetIn(ctx, name, people); err != nil {
			return fmt.Errorf("forget people in %s: %w", name, err)
		}
	}

	for _, id := range people {
		if err := s.store.ReportErased(ctx, id, apps.User); err != nil {
			return err
		}
	}

	return nil
}

// named are the streams in which a registration may be: its own, and those of the events that could not be handled.
func named() []string {
	names := []string{userevents.TopicRegistered}
	for _, app := range apps.All() {
		if app.Sidecar {
			names = append(names, "dead-letter."+app.ID)
		}
	}

	return names
}

func (s *Streams) forgetIn(ctx context.Context, stream string, people []uuid.UUID) error {
	for from := "-"; ; {
		entries, err := s.client.XRangeN(ctx, stream, from, "+", page).Result()
		if err != nil {
			return err
		}

		if gone := about(entries, people); len(gone) > 0 {
			if err := s.client.XDel(ctx, stream, gone...).Err(); err != nil {
				return err
			}
		}

		if len(entries) < page {
			return nil
		}

		from = "(" + entries[len(entries)-1].ID
	}
}

// about lists the entries that name one of the people.
func about(entries []redis.XMessage, people []uuid.UUID) []string {
	var found []string
	for _, entry := range entries {
		text, _ := entry.Values[dataField].(string)
		for _, id := range people {
			if strings.Contains(text, id.String()) {
				found = append(found, entry.ID)
				break
			}
		}
	}

	return found
}
