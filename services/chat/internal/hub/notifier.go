package hub

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
	"github.com/shema-music/shema/services/kit/batch"
)

const (
	// notificationsAtOnce is how many notifications one question is about.
	notificationsAtOnce = 200
	// notificationTimeout bounds what comes of a note: later than that a frame would be no news.
	notificationTimeout = 4 * time.Second
)

// notifier tells persons who are connected here of their new notifications. Nothing is kept: the list that the user
// service has is the truth.
type notifier struct {
	of        Notifications
	registry  *registry
	log       *slog.Logger
	questions *batch.Gatherer[uuid.UUID, map[uuid.UUID]chat.Notification]
}

func newNotifier(of Notifications, r *registry, log *slog.Logger) *notifier {
	n := &notifier{of: of, registry: r, log: log}
	n.questions = batch.New(n.lookUp)

	return n
}

// lookUp asks what notifications say.
func (n *notifier) lookUp(ids []uuid.UUID) (map[uuid.UUID]chat.Notification, error) {
	ctx, cancel := context.WithTimeout(context.Background(), notificationTimeout)
	defer cancel()

	all := make(map[uuid.UUID]chat.Notification, len(ids))
	for part := range slices.Chunk(ids, notificationsAtOnce) {
		found, err := n.of.Notifications(ctx, part)
		if err != nil {
			return nil, err
		}

		for _, one := range found {
			all[one.ID] = one
		}
	}

	return all, nil
}

// notify sends a notification to the sockets of a person, if there are any here, and does not wait for that.
func (n *notifier) notify(userID, id uuid.UUID) {
	if len(n.registry.of(userID)) > 0 {
		go n.send(userID, id)
	}
}

func (n *notifier) send(userID, id uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.Background(), notificationTimeout)
	defer cancel()

	all, err := n.questions.Answer(ctx, []uuid.UUID{id})
	if err != nil {
		n.log.WarnContext(ctx, "a notification is not shown at once", "error", err)
		return
	}

	found, ok := all[id]
	if !ok || found.UserID != userID {
		return
	}

	encoded := frame.Notification(&found)
	for _, m := range n.registry.of(userID) {
		m.offer(encoded)
	}
}
