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
	signer, err := kitauth.NewSigner(c.JWTPrivateKeyFile, c.JWTIssuer, c.JWTAudience, s.Clock)
	if err != nil {
		return err
	}

	if !slices.Contains(s.Verifier.JWKS().Keys, signer.JWKS().Keys[0]) {
		return errors.New("JWKS_FILE lacks the public key of JWT_PRIVATE_KEY_FILE: nobody could verify our tokens")
	}

	kept := store.New(s.Pool, s.Events)

	logins, err := newService(s, c, kept, signer)
	if err != nil {
		return err
	}

	rest.Register(s.Server, logins, s.Verifier)
	inbox.Register(s.Inbox(), logins, kept)
	s.Ready(s.Sidecar.Healthy)
	s.Every("delete old rows", tidyEvery, kept.Tidy)

	return s.Work(inbox.Workers(logins), nil)
}

func newService(s *service.Service, c *Config, kept *store.Store, signer *kitauth.Signer) (*auth.Service, error) {
	refresh, err := auth.NewTokens(c.RefreshTokenSecret)
	if err != nil {
		return nil, err
	}

	passwords, err := auth.NewBcrypt(auth.PasswordCost)
	if err != nil {
		return nil, err
	}

	return auth.NewService(auth.Parts{
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
