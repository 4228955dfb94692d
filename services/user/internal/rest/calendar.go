package rest

import (
	"context"
	"encoding/base64"

	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
)

// CreateCalendar gives the signed-in person a new secret address for calendar programs.
func (h *Handlers) CreateCalendar(
	ctx context.Context, _ userhttp.CreateCalendarRequestObject,
) (userhttp.CreateCalendarResponseObject, error) {
	p, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	secret, err := h.users.NewCalendarSecret(ctx, p.UserID)
	if err != nil {
		return nil, err
	}

	return userhttp.CreateCalendar201JSONResponse{Url: h.apiURL + "/api/calendar/" + secret + ".ics"}, nil
}

// DeleteCalendar ends that address.
func (h *Handlers) DeleteCalendar(
	ctx context.Context, _ userhttp.DeleteCalendarRequestObject,
) (userhttp.DeleteCalendarResponseObject, error) {
	p, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.users.EndCalendar(ctx, p.UserID); err != nil {
		return nil, err
	}

	return userhttp.DeleteCalendar204Response{}, nil
}

// LookupCalendar answers with whose calendar has a secret.
func (h *Handlers) LookupCalendar(
	ctx context.Context, r userhttp.LookupCalendarRequestObject,
) (userhttp.LookupCalendarResponseObject, error) {
	hash, err := base64.RawURLEncoding.DecodeString(r.Body.SecretHash)
	if err != nil {
		return nil, errs.NotFound
	}

	owner, err := h.users.CalendarOwner(ctx, hash)
	if err != nil {
		return nil, err
	}

	return userhttp.LookupCalendar200JSONResponse{
		UserId:   owner.ID,
		Role:     userhttp.Role(owner.Role),
		Language: userhttp.Language(owner.Language),
	}, nil
}
