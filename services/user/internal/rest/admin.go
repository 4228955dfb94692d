package rest

import (
	"context"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/convert"
	"github.com/shema-music/shema/services/kit/page"
	"github.com/shema-music/shema/services/kit/request"
	"github.com/shema-music/shema/services/user/internal/user"
)

// ListUsers answers with a page of people, newest first.
func (h *Handlers) ListUsers(ctx context.Context, r userhttp.ListUsersRequestObject) (userhttp.ListUsersResponseObject, error) {
	asked, err := page.Ask[user.Position](r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	filter := user.Filter{
		Role:   auth.Role(convert.Value(r.Params.Role)),
		Status: user.Status(convert.Value(r.Params.Status)),
		Text:   convert.Value(r.Params.Q),
	}

	users, end, err := h.users.List(ctx, filter, asked.After, asked.Limit)
	if err != nil {
		return nil, err
	}

	answer := userhttp.ListUsers200JSONResponse{Items: allToAPI(users), NextCursor: page.Next(end)}

	return answer, nil
}

// GetUser answers with one person.
func (h *Handlers) GetUser(ctx context.Context, r userhttp.GetUserRequestObject) (userhttp.GetUserResponseObject, error) {
	u, err := h.users.Get(ctx, r.Id)
	if err != nil {
		return nil, err
	}

	return userhttp.GetUser200JSONResponse(toAPI(&u)), nil
}

// UpdateUserAccess changes a person's role or status.
func (h *Handlers) UpdateUserAccess(
	ctx context.Context, r userhttp.UpdateUserAccessRequestObject,
) (userhttp.UpdateUserAccessResponseObject, error) {
	admin, err := auth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	update := user.AccessUpdate{
		Role:   convert.Optional[auth.Role](r.Body.Role),
		Status: convert.Optional[user.Status](r.Body.Status),
		By:     &user.Actor{ID: admin.UserID, RequestID: request.From(ctx).ID},
	}

	u, err := h.users.UpdateAccess(ctx, r.Id, update)
	if err != nil {
		return nil, err
	}

	return userhttp.UpdateUserAccess200JSONResponse(toAPI(&u)), nil
}

// GetUserStats answers with the number of students.
func (h *Handlers) GetUserStats(ctx context.Context, _ userhttp.GetUserStatsRequestObject) (userhttp.GetUserStatsResponseObject, error) {
	count, err := h.users.CountStudents(ctx)
	if err != nil {
		return nil, err
	}

	return userhttp.GetUserStats200JSONResponse{Count: count}, nil
}
