package rest

import (
	"context"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/page"
)

// Logout ends the session of a refresh token, and takes the cookie away in any case.
func (h *Handlers) Logout(ctx context.Context, r authhttp.LogoutRequestObject) (authhttp.LogoutResponseObject, error) {
	b, body := browserOf(ctx), authhttp.Logout{}
	if r.Body != nil {
		body = *r.Body
	}

	p, err := kitauth.SignedIn(ctx)
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
	p, err := kitauth.SignedIn(ctx)
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
	p, err := kitauth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	query, err := page.Ask[auth.Position](r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	found, end, err := h.auth.Sessions(ctx, p.UserID, query.After, query.Limit)
	if err != nil {
		return nil, err
	}

	return authhttp.ListSessions200JSONResponse{
		Items:      toOpenSessions(found, p.SessionID),
		NextCursor: page.Next(end),
	}, nil
}

// EndSession ends one of one's sessions.
func (h *Handlers) EndSession(ctx context.Context, r authhttp.EndSessionRequestObject) (authhttp.EndSessionResponseObject, error) {
	p, err := kitauth.SignedIn(ctx)
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
	ended, err := h.auth.EndedSessions(ctx, fromRefs(r.Body.Sessions))
	if err != nil {
		return nil, err
	}

	answer := authhttp.FindEndedSessions200JSONResponse{Ended: make([]authhttp.SessionRef, len(ended))}
	for i, ref := range ended {
		answer.Ended[i] = authhttp.SessionRef{UserId: ref.UserID, SessionId: ref.SessionID}
	}

	return answer, nil
}

func fromRefs(sessions []authhttp.SessionRef) []auth.SessionRef {
	refs := make([]auth.SessionRef, len(sessions))
	for i, s := range sessions {
		refs[i] = auth.SessionRef{UserID: s.UserId, SessionID: s.SessionId}
	}

	return refs
}

// CheckSessions tells the gateway which of several sessions are open.
func (h *Handlers) CheckSessions(ctx context.Context, r authhttp.CheckSessionsRequestObject) (authhttp.CheckSessionsResponseObject, error) {
	states, err := h.auth.SessionStates(ctx, fromRefs(r.Body.Sessions))
	if err != nil {
		return nil, err
	}

	answer := authhttp.CheckSessions200JSONResponse{Sessions: make([]authhttp.SessionState, 0, len(states))}
	for ref, open := range states {
		answer.Sessions = append(answer.Sessions, authhttp.SessionState{UserId: ref.UserID, SessionId: ref.SessionID, Open: open})
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
