package rest

import (
	"context"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/page"
	"github.com/shema-music/shema/services/user/internal/notification"
)

// ListNotifications answers with a page of what the signed-in person has been told, newest first.
func (h *Handlers) ListNotifications(
	ctx context.Context, r userhttp.ListNotificationsRequestObject,
) (userhttp.ListNotificationsResponseObject, error) {
	p, err := me(ctx)
	if err != nil {
		return nil, err
	}

	var after *notification.Position
	if r.Params.Cursor != nil {
		after = &notification.Position{}
		if err := page.Decode(*r.Params.Cursor, after); err != nil {
			return nil, err
		}
	}

	items, end, err := h.notifications.List(ctx, p.UserID, after, limit(r.Params.Limit))
	if err != nil {
		return nil, err
	}

	answer := userhttp.ListNotifications200JSONResponse{Items: toNotifications(items)}
	if end != nil {
		next := page.Encode(end)
		answer.NextCursor = &next
	}

	return answer, nil
}

// MarkNotificationRead notes that the signed-in person has read one.
func (h *Handlers) MarkNotificationRead(
	ctx context.Context, r userhttp.MarkNotificationReadRequestObject,
) (userhttp.MarkNotificationReadResponseObject, error) {
	p, err := me(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.notifications.MarkRead(ctx, p.UserID, r.Id); err != nil {
		return nil, err
	}

	return userhttp.MarkNotificationRead204Response{}, nil
}

func toNotifications(from []notification.Notification) []userhttp.Notification {
	items := make([]userhttp.Notification, len(from))
	for i, n := range from {
		items[i] = userhttp.Notification{
			Id:        n.ID,
			Type:      userhttp.NotificationType(n.Type),
			Title:     n.Title,
			Body:      n.Body,
			Data:      n.Data,
			ReadAt:    n.ReadAt,
			CreatedAt: n.CreatedAt,
		}
	}

	return items
}
