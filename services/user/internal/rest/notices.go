package rest

import (
	"context"
	"encoding/json"

	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/user/internal/notification"
)

// GiveNotice tells people something that no event says.
func (h *Handlers) GiveNotice(ctx context.Context, r userhttp.GiveNoticeRequestObject) (userhttp.GiveNoticeResponseObject, error) {
	notice := notification.Notice{
		Type:          notification.Type(r.Body.Type),
		Key:           r.Body.Key,
		StateVersion:  convert.Value(r.Body.StateVersion),
		TeacherChange: convert.Value(r.Body.TeacherChange),
	}
	if err := json.Unmarshal(convert.Value(r.Body.Data), &notice.Facts); r.Body.Data != nil && err != nil {
		return nil, errs.Invalid(errs.Field{Name: "data", Message: errs.Text{
			English: "must have the facts of the type", Indonesian: "harus berisi fakta sesuai jenisnya",
		}})
	}

	if r.Body.BookingId != nil {
		notice.Facts.BookingID = r.Body.BookingId
	}

	var err error
	if r.Body.To == userhttp.Admins {
		err = h.notifications.GiveAdmins(ctx, &notice)
	} else {
		err = h.notifications.Give(ctx, &notice, convert.Value(r.Body.UserIds))
	}

	if err != nil {
		return nil, err
	}

	return userhttp.GiveNotice204Response{}, nil
}

// LookupNotifications answers with notifications as open sockets show them.
func (h *Handlers) LookupNotifications(
	ctx context.Context, r userhttp.LookupNotificationsRequestObject,
) (userhttp.LookupNotificationsResponseObject, error) {
	frames, err := h.notifications.Frames(ctx, r.Body.Ids)
	if err != nil {
		return nil, err
	}

	answer := userhttp.LookupNotifications200JSONResponse{Items: make([]userhttp.NotificationFrame, len(frames))}
	for i, f := range frames {
		answer.Items[i] = userhttp.NotificationFrame{
			Id:          f.ID,
			UserId:      f.UserID,
			Type:        userhttp.NotificationType(f.Type),
			Title:       f.Title,
			UnreadCount: f.UnreadCount,
		}
	}

	return answer, nil
}
