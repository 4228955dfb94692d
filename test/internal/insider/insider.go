// Package insider does what only those can do who know the platform's secrets: it signs tokens with the platform's own
// key, and calls services past the gateway and the sidecars as one of them would.
package insider

import (
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/testenv"
)

// The issuer and the audience of the platform's access tokens.
const (
	Issuer   = "shema-auth"
	Audience = "shema"
)

// clockAt is a clock that stands still.
type clockAt time.Time

// Now returns the one time that there is.
func (c clockAt) Now() time.Time { return time.Time(c) }

// KeyFile is the key with which the platform signs access tokens.
func KeyFile(e *testenv.Environment) string { return filepath.Join(e.Dir, "secrets", "jwt.pem") }

// Sign returns a token for that person with the platform's own key.
func Sign(e *testenv.Environment, issuer, audience string, at time.Time, who auth.Principal) (string, error) {
	signer, err := auth.NewSigner(auth.SignerOptions{
		KeyFile:  KeyFile(e),
		Issuer:   issuer,
		Audience: audience,
		Clock:    clockAt(at),
	})
	if err != nil {
		return "", err
	}

	return signer.Sign(who)
}

// SignAs returns a token for a person's real session, made at another time or for others.
func SignAs(e *testenv.Environment, p *client.Person, issuer, audience string, at time.Time) (string, error) {
	list, err := client.Decode[client.Page[client.OpenSession]](p.Get("/api/auth/sessions"), http.StatusOK)
	if err != nil {
		return "", err
	}

	for _, session := range list.Items {
		if session.Current {
			return Sign(e, issuer, audience, at, auth.Principal{
				UserID:    uuid.MustParse(p.Session.User.ID),
				SessionID: uuid.MustParse(session.ID),
				Role:      auth.Role(p.Session.User.Role),
			})
		}
	}

	return "", fmt.Errorf("%s has no current session", p.Email)
}

// FromSidecar makes a request look as if the app's own sidecar sent it.
func FromSidecar(e *testenv.Environment, app string) client.Option {
	return client.Header("dapr-api-token", e.Secrets().AppTokens[app])
}

// ServiceToken is the token with which the caller calls the callee; both are app ids.
func ServiceToken(e *testenv.Environment, caller, callee string) (string, error) {
	tokens, err := auth.NewServiceTokens(e.Secrets().ServiceJWTSecret, caller, clock.System{})
	if err != nil {
		return "", err
	}

	return tokens.Mint(callee)
}
