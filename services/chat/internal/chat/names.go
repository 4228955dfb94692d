package chat

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/batch"
	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// nameTTL is how long a name is believed: within a minute the name of a person who has left is shown to nobody.
	// noNameTTL is how long the user service is not asked again after a question that brought none: a message does not
	// wait for its sender's name more often than that.
	nameTTL   = 30 * time.Second
	noNameTTL = 5 * time.Second
	// nameTimeout bounds how long a message waits for its sender's name.
	nameTimeout = time.Second
	// maxNames bounds the memory; beyond it everything is asked for anew.
	maxNames = 20_000
)

// Names knows what people are called. It is made by NewNames, and safe for concurrent use.
type Names struct {
	users Users
	clock clock.Clock
	log   *slog.Logger

	questions *batch.Gatherer[uuid.UUID, struct{}]

	mu    sync.Mutex
	known map[uuid.UUID]knownName
}

type knownName struct {
	name  string
	until time.Time
}

// NewNames returns an empty memory in front of the user service.
func NewNames(users Users, c clock.Clock, log *slog.Logger) *Names {
	n := &Names{
		users: users,
		clock: c,
		log:   log,
		known: map[uuid.UUID]knownName{},
	}
	n.questions = batch.New(n.lookInto)

	return n
}

// Of returns a person's name, or nothing if it is unknown.
func (n *Names) Of(ctx context.Context, id uuid.UUID) string {
	return n.lookUp(ctx, []uuid.UUID{id})[id]
}

// Fill writes the names into messages that were written without.
func (n *Names) Fill(ctx context.Context, messages []Message) {
	var missing []uuid.UUID
	for i := range messages {
		if messages[i].SenderName == "" {
			missing = append(missing, messages[i].SenderID)
		}
	}

	if len(missing) == 0 {
		return
	}

	names := n.lookUp(ctx, missing)
	for i := range messages {
		if messages[i].SenderName == "" {
			messages[i].SenderName = names[messages[i].SenderID]
		}
	}
}

// lookUp returns the names of people, asking for those that are not known.
func (n *Names) lookUp(ctx context.Context, ids []uuid.UUID) map[uuid.UUID]string {
	names, unknown := n.recall(ids)
	if len(unknown) == 0 {
		return names
	}

	if _, err := n.questions.Answer(ctx, unknown); err == nil {
		names, _ = n.recall(ids)
	}

	return names
}

// lookInto asks for people, and remembers the answer, also that there was none.
func (n *Names) lookInto(ids []uuid.UUID) (struct{}, error) {
	ctx, cancel := context.WithTimeout(context.Background(), nameTimeout)
	defer cancel()

	people, err := n.users.Lookup(ctx, ids)
	if err != nil {
		n.log.WarnContext(ctx, "the names of senders are not known", "error", err)
	}

	now := n.clock.Now()
	n.mu.Lock()
	defer n.mu.Unlock()

	if len(n.known)+len(ids) > maxNames {
		clear(n.known)
	}

	for _, id := range ids {
		name, ttl := people[id].FullName, nameTTL
		switch {
		case err != nil:
			name, ttl = n.known[id].name, noNameTTL // an old name is better than none
		case name == "":
			ttl = noNameTTL // the person has left
		}

		n.known[id] = knownName{name: name, until: now.Add(ttl)}
	}

	return struct{}{}, nil
}

func (n *Names) recall(ids []uuid.UUID) (names map[uuid.UUID]string, unknown []uuid.UUID) {
	names = make(map[uuid.UUID]string, len(ids))
	now := n.clock.Now()
	n.mu.Lock()
	defer n.mu.Unlock()

	for _, id := range ids {
		if _, done := names[id]; done {
			continue
		}

		found, ok := n.known[id]
		if !ok || !now.Before(found.until) {
			unknown = append(unknown, id)
		}

		names[id] = found.name
	}

	return names, unknown
}
