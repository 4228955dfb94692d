package chattest

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
)

// Told is what the user service was asked to tell somebody: Notice says the admins, otherwise it is a mail to the person,
// or the report that the person was forgotten.
type Told struct {
	Kind    string
	About   uuid.UUID
	Person  uuid.UUID
	LastSeq int64
}

// Telling is the part of a user service in memory that tells people something.
type Telling struct {
	mu            sync.Mutex
	notifications map[uuid.UUID]chat.Notification
	told          []Told
	failure       error
}

// NewTelling returns one that has told nothing.
func NewTelling() *Telling { return &Telling{notifications: map[uuid.UUID]chat.Notification{}} }

// Add makes a notification.
func (t *Telling) Add(n chat.Notification) {
	t.mu.Lock()
	defer t.mu.Unlock()

	t.notifications[n.ID] = n
}

// FailWith makes every call fail from now on; nil ends that.
func (t *Telling) FailWith(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()

	t.failure = err
}

// Told returns what was told so far.
func (t *Telling) Told() []Told {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Told(nil), t.told...)
}

// Notifications implements hub.Notifications.
func (t *Telling) Notifications(_ context.Context, ids []uuid.UUID) ([]chat.Notification, error) {
	t.mu.Lock()
	defer t.mu.Unlock()

	if t.failure != nil {
		return nil, t.failure
	}

	var found []chat.Notification
	for _, id := range ids {
		if n, ok := t.notifications[id]; ok {
			found = append(found, n)
		}
	}

	return found, nil
}

// NoticeUnanswered implements inbox.Telling.
func (t *Telling) NoticeUnanswered(_ context.Context, session, person uuid.UUID, seq int64) error {
	return t.tell(Told{Kind: "unanswered", About: session, Person: person, LastSeq: seq})
}

// MailReply implements inbox.Telling.
func (t *Telling) MailReply(_ context.Context, message, person uuid.UUID) error {
	return t.tell(Told{Kind: "reply", About: message, Person: person})
}

// ReportErased implements inbox.Telling.
func (t *Telling) ReportErased(_ context.Context, person uuid.UUID) error {
	return t.tell(Told{Kind: "erased", Person: person})
}

func (t *Telling) tell(told Told) error {
	t.mu.Lock()
	defer t.mu.Unlock()

	if t.failure != nil {
		return t.failure
	}

	t.told = append(t.told, told)

	return nil
}
