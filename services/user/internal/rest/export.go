package rest

import (
	"context"
	"encoding/json"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/page"
	"github.com/shema-music/shema/services/user/internal/notification"
)

// exportLimit keeps a part of an export far below 1 MiB: a notification takes some 2 KiB at most.
const exportLimit = 200

// ExportPerson answers with what is kept of the signed-in person: the profile with the first part, and all notifications.
func (h *Handlers) ExportPerson(
	ctx context.Context, r userhttp.ExportPersonRequestObject,
) (userhttp.ExportPersonResponseObject, error) {
	p, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	answer := userhttp.ExportPerson200JSONResponse{Sections: map[string][]map[string]any{}}

	var after *notification.Position

	if r.Params.Cursor != nil {
		after = &notification.Position{}
		if err := page.Decode(*r.Params.Cursor, after); err != nil {
			return nil, err
		}
	} else {
		u, err := h.users.Get(ctx, p.UserID)
		if err != nil {
			return nil, err
		}

		if answer.Sections["profile"], err = rows(toAPI(&u)); err != nil {
			return nil, err
		}
	}

	found, err := h.notifications.List(ctx, p.UserID, notification.Filter{}, after, exportLimit)
	if err != nil {
		return nil, err
	}

	items, err := toNotifications(found.Items, found.Language)
	if err != nil {
		return nil, err
	}

	if answer.Sections["notifications"], err = rows(items...); err != nil {
		return nil, err
	}

	if found.Next != nil {
		answer.NextCursor = new(page.Encode(found.Next))
	}

	return answer, nil
}

// rows writes values as the API shows them, as rows of an export.
func rows[T any](values ...T) ([]map[string]any, error) {
	content, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}

	all := []map[string]any{}

	return all, json.Unmarshal(content, &all)
}
