package rest

import (
	"context"
	"encoding/json"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/page"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

// ListNotifications answers with a page of what the signed-in person has been told, newest first.
func (h *Handlers) ListNotifications(
	ctx context.Context, r userhttp.ListNotificationsRequestObject,
) (userhttp.ListNotificationsResponseObject, error) {
	p, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	asked, err := page.Ask[notification.Position](r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	found, err := h.notifications.List(ctx, p.UserID, notification.Filter{Unread: r.Params.Unread}, asked.After, asked.Limit)
	if err != nil {
		return nil, err
	}

	items, err := toNotifications(found.Items, found.Language)
	if err != nil {
		return nil, err
	}

	return userhttp.ListNotifications200JSONResponse{
		Items:       items,
		UnreadCount: found.UnreadCount,
		NextCursor:  page.Next(found.Next),
	}, nil
}

// MarkNotificationRead notes that the signed-in person has read one.
func (h *Handlers) MarkNotificationRead(
	ctx context.Context, r userhttp.MarkNotificationReadRequestObject,
) (userhttp.MarkNotificationReadResponseObject, error) {
	p, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.notifications.MarkRead(ctx, p.UserID, r.Id); err != nil {
		return nil, err
	}

	return userhttp.MarkNotificationRead204Response{}, nil
}

// MarkAllNotificationsRead notes that the signed-in person has read everything.
func (h *Handlers) MarkAllNotificationsRead(
	ctx context.Context, _ userhttp.MarkAllNotificationsReadRequestObject,
) (userhttp.MarkAllNotificationsReadResponseObject, error) {
	p, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.notifications.MarkAllRead(ctx, p.UserID); err != nil {
		return nil, err
	}

	return userhttp.MarkAllNotificationsRead204Response{}, nil
}

func toNotifications(from []notification.Notification, language user.Language) ([]userhttp.Notification, error) {
	items := make([]userhttp.Notification, len(from))
	for i := range from {
		n := &from[i]

		title, body, err := n.Text(language)
		if err != nil {
			return nil, err
		}

		data, err := json.Marshal(n.Data())
		if err != nil {
			return nil, err
		}

		items[i] = userhttp.Notification{
			Id:        n.ID,
			Type:      userhttp.NotificationType(n.Type),
			Title:     title,
			Body:      body,
			Data:      data,
			ReadAt:    n.ReadAt,
			CreatedAt: n.CreatedAt,
		}
	}

	return items, nil
}
