package notification

import (
	"context"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/user/internal/user"
)

// Filter narrows a list of notifications.
type Filter struct {
	// Unread keeps those that were not read (true) or those that were (false); nil keeps both.
	Unread *bool
}

// Page is a part of a person's notifications, newest first.
type Page struct {
	Items []Notification
	// Next is where the next page begins, nil if there is none.
	Next *Position
	// UnreadCount counts all of the person's notifications, whatever the filter.
	UnreadCount int64
	// Language is the reader's.
	Language user.Language
}

// Frame is a notification as an open socket shows it.
type Frame struct {
	ID          uuid.UUID
	UserID      uuid.UUID
	Type        Type
	Title       string
	UnreadCount int64
}

// Store keeps what people have been told.
type Store interface {
	// ListNotifications returns a page of at most limit notifications of the person after the position; a nil position is
	// the beginning. It returns usererrs.NotFound if there is no such person.
	ListNotifications(ctx context.Context, userID uuid.UUID, f Filter, after *Position, limit int) (Page, error)
	// MarkNotificationRead notes that the person has read it, now if it is for the first time, or returns
	// usererrs.NotificationNotFound.
	MarkNotificationRead(ctx context.Context, userID, id uuid.UUID) error
	// MarkAllNotificationsRead does so for all of them.
	MarkAllNotificationsRead(ctx context.Context, userID uuid.UUID) error
	// Frames returns those of the notifications that exist.
	Frames(ctx context.Context, ids []uuid.UUID) ([]Frame, error)
	// Tell tells the people, or all active admins, unless the booking's state has moved on.
	Tell(ctx context.Context, n *Notice, to []uuid.UUID) error
	TellAdmins(ctx context.Context, n *Notice) error
}

// Service shows people their notifications, and takes in notices from other services.
type Service struct{ store Store }

// NewService returns the service on its store.
func NewService(s Store) *Service { return &Service{store: s} }

// List returns a page of a person's notifications, newest first.
func (s *Service) List(ctx context.Context, userID uuid.UUID, f Filter, after *Position, limit int) (Page, error) {
	page, err := s.store.ListNotifications(ctx, userID, f, after, limit+1)
	if err != nil || len(page.Items) <= limit {
		return page, err
	}

	page.Items = page.Items[:limit]
	end := page.Items[limit-1].Position()
	page.Next = &end

	return page, nil
}

// MarkRead notes that the person has read the notification; repeating it changes nothing. It returns
// usererrs.NotificationNotFound, also for another person's.
func (s *Service) MarkRead(ctx context.Context, userID, id uuid.UUID) error {
	return s.store.MarkNotificationRead(ctx, userID, id)
}

// MarkAllRead notes that the person has read everything.
func (s *Service) MarkAllRead(ctx context.Context, userID uuid.UUID) error {
	return s.store.MarkAllNotificationsRead(ctx, userID)
}

// Frames returns those of the notifications that exist, as open sockets show them.
func (s *Service) Frames(ctx context.Context, ids []uuid.UUID) ([]Frame, error) {
	return s.store.Frames(ctx, ids)
}

// Give tells people something that no event says: each recipient once for the notice's key. A notice about a booking
// whose state has moved on is dropped.
func (s *Service) Give(ctx context.Context, n *Notice, to []uuid.UUID) error {
	return s.store.Tell(ctx, n, to)
}

// GiveAdmins is Give for all active admins.
func (s *Service) GiveAdmins(ctx context.Context, n *Notice) error { return s.store.TellAdmins(ctx, n) }
