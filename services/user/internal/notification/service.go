package notification

import (
	"context"

	"github.com/google/uuid"
)

// Store keeps what people have been told.
type Store interface {
	// ListNotifications returns at most limit notifications of the person after the position, newest first; a nil
	// position is the beginning.
	ListNotifications(ctx context.Context, userID uuid.UUID, after *Position, limit int) ([]Notification, error)
	// MarkNotificationRead notes that the person has read it, now if it is for the first time, or returns ErrNotFound.
	MarkNotificationRead(ctx context.Context, userID, id uuid.UUID) error
}

// Service shows people their notifications.
type Service struct{ store Store }

// NewService returns the service on its store.
func NewService(s Store) *Service { return &Service{store: s} }

// List returns a page of somebody's notifications, newest first, and where it ends if there are more.
func (s *Service) List(ctx context.Context, userID uuid.UUID, after *Position, limit int) ([]Notification, *Position, error) {
	items, err := s.store.ListNotifications(ctx, userID, after, limit+1)
	if err != nil || len(items) <= limit {
		return items, nil, err
	}

	items = items[:limit]
	end := items[limit-1].Position()

	return items, &end, nil
}

// MarkRead notes that the person has read the notification; repeating it changes nothing. It returns ErrNotFound, also
// for somebody else's.
func (s *Service) MarkRead(ctx context.Context, userID, id uuid.UUID) error {
	return s.store.MarkNotificationRead(ctx, userID, id)
}
