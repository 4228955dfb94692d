package chat

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// nameTTL is how long a name is believed, and noNameTTL how long nobody is asked again after a question that brought
	// none: a message does not wait for its sender's name more often than that.
	nameTTL   = 5 * time.Minute
	noNameTTL = 5 * time.Second
	// nameTimeout bounds how long a message waits for its sender's name.
	nameTimeout = time.Second
	// maxNames bounds the memory; beyond it everything is asked for anew.
	maxNames = 20_000
)

// Names knows what people are called. It is safe for concurrent use.
type Names struct {
	users Users
	clock clock.Clock
	log   *slog.Logger

	mu    sync.Mutex
	known map[uuid.UUID]knownName
	// next gathers who is asked about when the question that is on its way has been answered.
	next   *question
	asking bool
}

type knownName struct {
	name  string
	until time.Time
}

// question is about several people; done is closed when it has been answered, or not been.
type question struct {
	ids  map[uuid.UUID]struct{}
	done chan struct{}
}

// NewNames returns an empty memory in front of the user service.
func NewNames(users Users, c clock.Clock, log *slog.Logger) *Names {
	return &Names{users: users, clock: c, log: log, known: map[uuid.UUID]knownName{}}
}

// Of returns a person's name, or nothing if nobody can say it.
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
	select {
	case <-n.ask(unknown).done:
		names, _ = n.recall(ids)
	case <-ctx.Done():
	}
	return names
}

// ask adds people to the next question. While one is on its way the next one waits, so that many who write for the
// first time don't all ask by themselves.
func (n *Names) ask(ids []uuid.UUID) *question {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next == nil {
		n.next = &question{ids: map[uuid.UUID]struct{}{}, done: make(chan struct{})}
	}
	for _, id := range ids {
		n.next.ids[id] = struct{}{}
	}
	asked := n.next
	if !n.asking {
		n.asking = true
		go n.answer()
	}
	return asked
}

// answer asks until there is no question any more.
func (n *Names) answer() {
	for {
		n.mu.Lock()
		q := n.next
		n.next, n.asking = nil, q != nil
		n.mu.Unlock()
		if q == nil {
			return
		}
		n.lookInto(q)
		close(q.done)
	}
}

func (n *Names) lookInto(q *question) {
	ctx, cancel := context.WithTimeout(context.Background(), nameTimeout)
	defer cancel()
	people, err := n.users.Lookup(ctx, slices.Collect(maps.Keys(q.ids)))
	if err != nil {
		n.log.WarnContext(ctx, "the names of senders are not known", "error", err)
	}
	now := n.clock.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.known)+len(q.ids) > maxNames {
		clear(n.known)
	}
	for id := range q.ids {
		name, ttl := people[id].FullName, nameTTL
		if name == "" {
			name, ttl = n.known[id].name, noNameTTL // an old name is better than none
		}
		n.known[id] = knownName{name: name, until: now.Add(ttl)}
	}
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
