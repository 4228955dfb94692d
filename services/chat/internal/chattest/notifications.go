package chattest

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/chat/internal/chat"
)

// Notifications is the part of a user service in memory that knows what people were told. The zero value knows of nothing.
type Notifications struct {
	mu   sync.Mutex
	kept map[uuid.UUID]chat.Notification
}

// Add makes a notification.
func (n *Notifications) Add(added chat.Notification) {
	n.mu.Lock()
	defer n.mu.Unlock()

	if n.kept == nil {
		n.kept = map[uuid.UUID]chat.Notification{}
	}

	n.kept[added.ID] = added
}

// Notifications implements hub.Notifications.
func (n *Notifications) Notifications(_ context.Context, ids []uuid.UUID) ([]chat.Notification, error) {
	n.mu.Lock()
	defer n.mu.Unlock()

	var found []chat.Notification
	for _, id := range ids {
		if notification, ok := n.kept[id]; ok {
			found = append(found, notification)
		}
	}

	return found, nil
}
