package inbox

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/inbox"
)

// notificationRoute is where notifications arrive. They are not remembered: a frame that comes twice is harmless.
const notificationRoute = "/dapr/events/" + userevents.TopicNotificationCreated

// Forgetter forgets persons; store.Store does.
type Forgetter interface {
	Forget(ctx context.Context, tx pgx.Tx, userID uuid.UUID) ([]chat.Session, error)
}

// Chats are the use cases that events lead to; chat.Service has them.
type Chats interface {
	// Notify tells a person of a new notification.
	Notify(userID, notification uuid.UUID)
	// Closed tells those who are connected that a session has closed.
	Closed(s *chat.Session)
}

// RegisterEvents subscribes to persons who leave, and to notifications.
func RegisterEvents(router inbox.Router, box *inbox.Inbox, people Forgetter, chats Chats, log *slog.Logger) {
	box.Handle(userevents.TopicErased, func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		return forget(ctx, tx, e, people, chats)
	})
	router.FromDapr("POST", notificationRoute, notified(chats, log))
}

// forget lets everything be forgotten of a person. What is told before the transaction ends is true if it is undone as
// well: the sessions are closed by the next delivery.
func forget(ctx context.Context, tx pgx.Tx, e inbox.Event, people Forgetter, chats Chats) error {
	var erased userevents.Erased
	if err := e.Decode(&erased); err != nil {
		return err
	}

	if erased.UserID == uuid.Nil {
		return fmt.Errorf("event %s of %s names no user", e.ID, e.Topic)
	}

	closed, err := people.Forget(ctx, tx, erased.UserID)
	if err != nil {
		return err
	}

	for i := range closed {
		chats.Closed(&closed[i])
	}

	return nil
}

func notified(chats Chats, log *slog.Logger) gin.HandlerFunc {
	return inbox.Receive(log, func(_ context.Context, e inbox.Event) error {
		var created userevents.NotificationCreated
		if err := e.Decode(&created); err != nil {
			return err
		}

		chats.Notify(created.UserID, created.NotificationID)

		return nil
	})
}
