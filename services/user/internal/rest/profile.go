package rest

import (
	"context"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
)

// GetMe answers with the signed-in person's profile.
func (h *Handlers) GetMe(ctx context.Context, _ userhttp.GetMeRequestObject) (userhttp.GetMeResponseObject, error) {
	p, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	u, err := h.users.Get(ctx, p.UserID)
	if err != nil {
		return nil, err
	}

	return userhttp.GetMe200JSONResponse(toAPI(&u)), nil
}

// UpdateMe changes the signed-in person's profile.
func (h *Handlers) UpdateMe(ctx context.Context, r userhttp.UpdateMeRequestObject) (userhttp.UpdateMeResponseObject, error) {
	p, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	u, err := h.users.UpdateProfile(ctx, p.UserID, fromUpdate(r.Body))
	if err != nil {
		return nil, err
	}

	return userhttp.UpdateMe200JSONResponse(toAPI(&u)), nil
}
