package rest

import (
	"context"
	"errors"
	"time"

	"github.com/shema-music/shema/services/auth/internal/auth"
	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	kitauth "github.com/shema-music/shema/services/kit/auth"
)

// Register creates a student and signs them in.
func (h *Handlers) Register(ctx context.Context, r authhttp.RegisterRequestObject) (authhttp.RegisterResponseObject, error) {
	grant, err := h.auth.Register(ctx, fromRegistration(r.Body), clientOf(ctx))
	if err != nil {
		return nil, err
	}

	return authhttp.Register201JSONResponse(browserOf(ctx).session(grant, wantsCookie(r.Body.Transport))), nil
}

// Login signs a person in.
func (h *Handlers) Login(ctx context.Context, r authhttp.LoginRequestObject) (authhttp.LoginResponseObject, error) {
	grant, err := h.auth.Login(ctx, r.Body.Email, r.Body.Password, clientOf(ctx))
	if err != nil {
		return nil, err
	}

	return authhttp.Login200JSONResponse(browserOf(ctx).session(grant, wantsCookie(r.Body.Transport))), nil
}

// Refresh exchanges a refresh token for a new pair. A token that came by cookie is answered by cookie; one that is not
// good any more is taken out of the browser.
func (h *Handlers) Refresh(ctx context.Context, r authhttp.RefreshRequestObject) (authhttp.RefreshResponseObject, error) {
	b, body := browserOf(ctx), authhttp.Refresh{}
	if r.Body != nil {
		body = *r.Body
	}

	token, byCookie, err := b.presented(body.RefreshToken)
	if err != nil {
		return nil, err
	}

	grant, err := h.auth.Refresh(ctx, token, clientOf(ctx))
	if byCookie && (errors.Is(err, autherrs.InvalidRefreshToken) || errors.Is(err, autherrs.TokenReused)) {
		b.forget()
	}

	if err != nil {
		return nil, err
	}

	return authhttp.Refresh200JSONResponse(b.session(grant, byCookie || wantsCookie(body.Transport))), nil
}

// ChangePassword replaces one's password.
func (h *Handlers) ChangePassword(ctx context.Context, r authhttp.ChangePasswordRequestObject) (authhttp.ChangePasswordResponseObject, error) {
	p, err := kitauth.SignedIn(ctx)
	if err != nil {
		return nil, err
	}

	if err := h.auth.ChangePassword(ctx, p, r.Body.CurrentPassword, r.Body.NewPassword, clientOf(ctx)); err != nil {
		return nil, err
	}

	return authhttp.ChangePassword204Response{}, nil
}

// GetJWKS answers with the public keys that verify access tokens.
func (h *Handlers) GetJWKS(context.Context, authhttp.GetJWKSRequestObject) (authhttp.GetJWKSResponseObject, error) {
	set := h.keys.JWKS()

	answer := authhttp.GetJWKS200JSONResponse{Keys: make([]map[string]any, len(set.Keys))}
	for i, k := range set.Keys {
		answer.Keys[i] = map[string]any{
			"kty": k.KeyType, "crv": k.Curve, "x": k.X, "kid": k.KeyID, "alg": k.Algorithm, "use": k.Use,
		}
	}

	return answer, nil
}

func toSession(g *auth.Grant) authhttp.Session {
	return authhttp.Session{
		AccessToken:  g.AccessToken,
		RefreshToken: &g.RefreshToken,
		TokenType:    authhttp.Bearer,
		ExpiresIn:    int(kitauth.AccessTokenTTL / time.Second),
		User:         toUser(g.User),
	}
}
