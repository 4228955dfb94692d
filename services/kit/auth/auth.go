// Package auth proves who is calling: people by access tokens, services by service tokens.
package auth

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
)

// AccessTokenTTL is how long an access token is valid.
const AccessTokenTTL = 15 * time.Minute

// Role is what a person may do on the platform.
type Role string

// The roles of the contract.
const (
	Student Role = "student"
	Teacher Role = "teacher"
	Admin   Role = "admin"
)

// Principal is the person that an access token speaks for.
type Principal struct {
	UserID, SessionID uuid.UUID
	Role              Role
	// TokenID is the token's jti.
	TokenID   string
	ExpiresAt time.Time
}

type principalKey struct{}

// WithPrincipal returns a context that carries the signed-in person.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalFrom returns the signed-in person; ok is false for anonymous requests.
func PrincipalFrom(ctx context.Context) (p Principal, ok bool) {
	p, ok = ctx.Value(principalKey{}).(Principal)
	return p, ok
}

type callerKey struct{}

// WithCaller returns a context that carries the app id of the calling service.
func WithCaller(ctx context.Context, appID string) context.Context {
	return context.WithValue(ctx, callerKey{}, appID)
}

// CallerFrom returns the app id of the calling service, or nothing when no service token was needed.
func CallerFrom(ctx context.Context) string {
	caller, _ := ctx.Value(callerKey{}).(string)
	return caller
}

// SignedIn returns who is signed in. The server lets no request without a person through where the contract asks for
// one, so AUTH_MISSING_TOKEN means that it does not ask.
func SignedIn(ctx context.Context) (Principal, error) {
	p, ok := PrincipalFrom(ctx)
	if !ok {
		return Principal{}, errs.MissingToken
	}

	return p, nil
}
