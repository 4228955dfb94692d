package main

import (
	"errors"
	"slices"
	"time"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/auth/internal/clients"
	"github.com/shema-music/shema/services/auth/internal/inbox"
	"github.com/shema-music/shema/services/auth/internal/rest"
	"github.com/shema-music/shema/services/auth/internal/sessions"
	"github.com/shema-music/shema/services/auth/internal/store"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/service"
)

// tidyEvery is how often what no rule looks at any more is deleted. All replicas do it; the later ones find nothing.
const tidyEvery = 10 * time.Minute

// wire connects the parts of the auth service.
func wire(s *service.Service, c *Config) error {
	kept := store.New(s.Pool, s.Events)

	logins, err := newService(s, c, kept)
	if err != nil {
		return err
	}

	rest.Register(s.Server, logins, s.Verifier)
	inbox.Register(s.Inbox(), logins, kept)
	s.Ready(s.Sidecar.Healthy)
	s.Every("delete old rows", tidyEvery, kept.Tidy)

	return s.Work(inbox.Workers(logins))
}

func newService(s *service.Service, c *Config, kept *store.Store) (*auth.Service, error) {
	signer, err := newSigner(s, c)
	if err != nil {
		return nil, err
	}

	refresh, err := auth.NewTokens(c.RefreshTokenSecret)
	if err != nil {
		return nil, err
	}

	passwords, err := auth.NewBcrypt(auth.PasswordCost)
	if err != nil {
		return nil, err
	}

	return auth.NewService(auth.Options{
		Accounts:  clients.New(s.Sidecar.Invoke(userAppID)),
		Documents: sessions.New(s.Sidecar.State(sessions.Component)),
		Attempts:  kept,
		Audit:     kept,
		Endings:   kept,
		Mails:     kept,
		Jobs:      kept,
		Passwords: passwords,
		Tokens:    refresh,
		Signer:    signer,
		Clock:     s.Clock,
		Log:       s.Log,
	}), nil
}

// newSigner returns the signer of access tokens, if the other services can verify what it signs.
func newSigner(s *service.Service, c *Config) (*kitauth.Signer, error) {
	signer, err := kitauth.NewSigner(kitauth.SignerOptions{
		KeyFile:  c.JWTPrivateKeyFile,
		Issuer:   c.JWTIssuer,
		Audience: c.JWTAudience,
		Clock:    s.Clock,
	})
	if err != nil {
		return nil, err
	}

	if !slices.Contains(s.Verifier.JWKS().Keys, signer.JWKS().Keys[0]) {
		return nil, errors.New("JWKS_FILE lacks the public key of JWT_PRIVATE_KEY_FILE: no service could verify our tokens")
	}

	return signer, nil
}
