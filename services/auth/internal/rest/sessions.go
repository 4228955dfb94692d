package rest

import (
	"context"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/kit/page"
)

// defaultLimit is the size of a page if the caller names none; the contract says so.
const defaultLimit = 20

// Logout ends the session of a refresh token, and takes the cookie away in any case.
func (h *Handlers) Logout(ctx context.Context, r authhttp.LogoutRequestObject) (authhttp.LogoutResponseObject, error) {
	b, body := browserOf(ctx), authhttp.Logout{}
	if r.Body != nil {
		body = *r.Body
	}

	p, err := me(ctx)
	if err != nil {
		return nil, err
	}

	b.forget()

	token, _, err := b.presented(body.RefreshToken)
	if err != nil {
		return nil, err
	}

	if err := h.auth.Logout(ctx, p, token, clientOf(ctx)); err != nil {
		return nil, err
	}

	return authhttp.Logout204Response{}, nil
}

// LogoutAll ends all one's sessions.
func (h *Handlers) LogoutAll(ctx context.Context, _ authhttp.LogoutAllRequestObject) (authhttp.LogoutAllResponseObject, error) {
	p, err := me(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.auth.LogoutAll(ctx, p, clientOf(ctx)); err != nil {
		return nil, err
	}

	browserOf(ctx).forget()

	return authhttp.LogoutAll204Response{}, nil
}

// ListSessions answers with a page of one's open sessions.
func (h *Handlers) ListSessions(ctx context.Context, r authhttp.ListSessionsRequestObject) (authhttp.ListSessionsResponseObject, error) {
	p, err := me(ctx)
	if err != nil {
		return nil, err
	}

	var after *auth.Position
	if r.Params.Cursor != nil {
		after = &auth.Position{}
		if err := page.Decode(*r.Params.Cursor, after); err != nil {
			return nil, err
		}
	}

	found, end, err := h.auth.Sessions(ctx, p.UserID, after, limitOf(r.Params.Limit))
	if err != nil {
		return nil, err
	}

	answer := authhttp.ListSessions200JSONResponse{Items: toOpenSessions(found, p.SessionID)}

	if end != nil {
		next := page.Encode(end)
		answer.NextCursor = &next
	}

	return answer, nil
}

// EndSession ends one of one's sessions.
func (h *Handlers) EndSession(ctx context.Context, r authhttp.EndSessionRequestObject) (authhttp.EndSessionResponseObject, error) {
	p, err := me(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.auth.EndSession(ctx, p, r.Id, clientOf(ctx)); err != nil {
		return nil, err
	}

	return authhttp.EndSession204Response{}, nil
}

// FindEndedSessions tells the chat service which of its sockets' sessions have ended.
func (h *Handlers) FindEndedSessions(
	ctx context.Context, r authhttp.FindEndedSessionsRequestObject,
) (authhttp.FindEndedSessionsResponseObject, error) {
	refs := make([]auth.SessionRef, len(r.Body.Sessions))
	for i, s := range r.Body.Sessions {
		refs[i] = auth.SessionRef{UserID: s.UserId, SessionID: s.SessionId}
	}

	ended, err := h.auth.EndedSessions(ctx, refs)
	if err != nil {
		return nil, err
	}

	answer := authhttp.FindEndedSessions200JSONResponse{Ended: make([]authhttp.SessionRef, len(ended))}
	for i, ref := range ended {
		answer.Ended[i] = authhttp.SessionRef{UserId: ref.UserID, SessionId: ref.SessionID}
	}

	return answer, nil
}

// CheckSession tells the gateway whether a session is open.
func (h *Handlers) CheckSession(ctx context.Context, r authhttp.CheckSessionRequestObject) (authhttp.CheckSessionResponseObject, error) {
	if err := h.auth.CheckSession(ctx, r.UserId, r.SessionId); err != nil {
		return nil, err
	}

	return authhttp.CheckSession204Response{}, nil
}
