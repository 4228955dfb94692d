// Package streams takes out of the broker what says more of a person who has left than an id: the event of the
// registration carries the e-mail address, decisions on bookings the reason that was given. A stream keeps its events
// until it is too long.
package streams

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/shema-music/shema/services/contracts/apps"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
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
	// reasonField is where decisions on bookings say why (bookingevents.Booking).
	reasonField = `"decisionNote"`
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

	if err := s.forgetAddresses(ctx, people); err != nil {
		return err
	}

	waiting, err := s.forgetReasons(ctx, people)
	if err != nil {
		return err
	}

	for _, id := range people {
		if waiting[id] {
			continue
		}

		if err := s.store.ReportErased(ctx, id, apps.User); err != nil {
			return err
		}
	}

	return nil
}

// forgetAddresses deletes the people's registrations, and what could not be handled about them.
func (s *Streams) forgetAddresses(ctx context.Context, people []uuid.UUID) error {
	streams := []string{userevents.TopicRegistered}
	for _, app := range apps.All() {
		if app.Sidecar {
			streams = append(streams, "dead-letter."+app.ID)
		}
	}

	for _, stream := range streams {
		found, err := s.find(ctx, stream, people)
		if err != nil {
			return err
		}

		if err := s.remove(ctx, stream, found); err != nil {
			return err
		}
	}

	return nil
}

// forgetReasons deletes the decisions that say why, as soon as every service has handled them: others, such as the
// teacher, are still to be told. It returns the people whom services have yet to hear of.
func (s *Streams) forgetReasons(ctx context.Context, people []uuid.UUID) (waiting map[uuid.UUID]bool, err error) {
	waiting = map[uuid.UUID]bool{}

	for _, stream := range []string{bookingevents.TopicRejected, bookingevents.TopicCancelled} {
		found, err := s.find(ctx, stream, people)
		if err != nil {
			return nil, err
		}

		found = slices.DeleteFunc(found, func(e entry) bool { return !strings.Contains(e.text, reasonField) })
		if len(found) == 0 {
			continue
		}

		handled, err := s.handled(ctx, stream)
		if err != nil {
			return nil, err
		}

		for _, e := range found {
			waiting[e.person] = waiting[e.person] || !handled(e.id)
		}

		done := slices.DeleteFunc(found, func(e entry) bool { return !handled(e.id) })
		if err := s.remove(ctx, stream, done); err != nil {
			return nil, err
		}
	}

	return waiting, nil
}

// entry is one of a stream that names a person.
type entry struct {
	id, text string
	person   uuid.UUID
}

// find lists the entries of a stream that name one of the people.
func (s *Streams) find(ctx context.Context, stream string, people []uuid.UUID) (found []entry, err error) {
	for from := "-"; ; {
		messages, err := s.client.XRangeN(ctx, stream, from, "+", page).Result()
		if err != nil {
			return nil, fmt.Errorf("look for people in %s: %w", stream, err)
		}

		for _, m := range messages {
			text, _ := m.Values[dataField].(string)

			named := slices.IndexFunc(people, func(id uuid.UUID) bool { return strings.Contains(text, id.String()) })
			if named >= 0 {
				found = append(found, entry{m.ID, text, people[named]})
			}
		}

		if len(messages) < page {
			return found, nil
		}

		from = "(" + messages[len(messages)-1].ID
	}
}

func (s *Streams) remove(ctx context.Context, stream string, entries []entry) error {
	for some := range slices.Chunk(entries, page) {
		ids := make([]string, len(some))
		for i, e := range some {
			ids[i] = e.id
		}

		if err := s.client.XDel(ctx, stream, ids...).Err(); err != nil {
			return fmt.Errorf("forget people in %s: %w", stream, err)
		}
	}

	return nil
}

// handled returns a function that tells whether all consumers of a stream have handled an entry.
func (s *Streams) handled(ctx context.Context, stream string) (func(id string) bool, error) {
	groups, err := s.client.XInfoGroups(ctx, stream).Result()
	if err != nil {
		return nil, fmt.Errorf("read who consumes %s: %w", stream, err)
	}

	lowest := make([]string, 0, len(groups))

	for _, group := range groups {
		pending, err := s.client.XPending(ctx, stream, group.Name).Result()
		if err != nil {
			return nil, fmt.Errorf("read what %s has yet to handle of %s: %w", group.Name, stream, err)
		}

		if pending.Count > 0 {
			lowest = append(lowest, pending.Lower)
		}
	}

	return func(id string) bool {
		delivered := !slices.ContainsFunc(groups, func(g redis.XInfoGroup) bool { return compare(g.LastDeliveredID, id) < 0 })
		acknowledged := !slices.ContainsFunc(lowest, func(first string) bool { return compare(first, id) <= 0 })

		return delivered && acknowledged
	}, nil
}

// compare orders the ids of entries, which are a time in milliseconds and a number.
func compare(a, b string) int {
	aTime, aNumber := place(a)
	bTime, bNumber := place(b)

	return cmp.Or(cmp.Compare(aTime, bTime), cmp.Compare(aNumber, bNumber))
}

func place(id string) (at, number uint64) {
	before, after, _ := strings.Cut(id, "-")
	at, _ = strconv.ParseUint(before, 10, 64)
	number, _ = strconv.ParseUint(after, 10, 64)

	return at, number
}
