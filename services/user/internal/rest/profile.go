package rest

import (
	"context"

	"github.com/shema-music/shema/services/user/api"
)

// GetMe answers with the signed-in person's profile.
func (h *Handlers) GetMe(ctx context.Context, _ api.GetMeRequestObject) (api.GetMeResponseObject, error) {
	p, err := me(ctx)
	if err != nil {
		return nil, err
	}
	u, err := h.users.Get(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	return api.GetMe200JSONResponse(toAPI(&u)), nil
}

// UpdateMe changes the signed-in person's profile.
func (h *Handlers) UpdateMe(ctx context.Context, r api.UpdateMeRequestObject) (api.UpdateMeResponseObject, error) {
	p, err := me(ctx)
	if err != nil {
		return nil, err
	}
	u, err := h.users.UpdateProfile(ctx, p.UserID, fromUpdate(r.Body))
	if err != nil {
		return nil, err
	}
	return api.UpdateMe200JSONResponse(toAPI(&u)), nil
}
