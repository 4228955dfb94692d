// Command auth is the auth service: sign-up, sign-in, sessions, tokens, and the lock against guessing.
package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/auth/internal/clients"
	"github.com/shema-music/shema/services/auth/internal/inbox"
	"github.com/shema-music/shema/services/auth/internal/rest"
	"github.com/shema-music/shema/services/auth/internal/sessions"
	"github.com/shema-music/shema/services/auth/internal/store"
	"github.com/shema-music/shema/services/auth/migrations"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	appID       = "auth-service"
	userApp     = "user-service"
	defaultPort = 3001
	schema      = "auth"
	// tidyEvery is how often what no rule looks at any more is deleted.
	tidyEvery = 10 * time.Minute
)

func main() {
	var c Config
	cli.Main(cli.Program{
		AppID:      appID,
		Port:       defaultPort,
		Settings:   &c,
		Schema:     schema,
		Migrations: migrations.Files,
		Serve:      func(ctx context.Context, log *slog.Logger) error { return serve(ctx, &c, log) },
	})
}

func serve(ctx context.Context, c *Config, log *slog.Logger) error {
	pool, err := postgres.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()

	tokens, err := kitauth.NewServiceTokens(c.ServiceJWTSecret, appID, clock.System{})
	if err != nil {
		return err
	}

	sidecar, err := dapr.NewSidecar(c.Common, tokens)
	if err != nil {
		return err
	}
	defer sidecar.Close()

	kept := store.New(pool)

	signer, err := kitauth.NewSigner(c.JWTPrivateKeyFile, c.JWTIssuer, c.JWTAudience, clock.System{})
	if err != nil {
		return err
	}

	service, err := newService(c, log, kept, sidecar, signer)
	if err != nil {
		return err
	}

	server, err := newServer(c, log, pool, tokens, sidecar, signer, service)
	if err != nil {
		return err
	}

	go tidy(ctx, log, kept)

	return server.Run(ctx)
}

func newService(
	c *Config, log *slog.Logger, kept *store.Store, sidecar *dapr.Sidecar, signer *kitauth.Signer,
) (*auth.Service, error) {
	refresh, err := auth.NewTokens(c.RefreshTokenSecret)
	if err != nil {
		return nil, err
	}

	passwords, err := auth.NewBcrypt(auth.PasswordCost)
	if err != nil {
		return nil, err
	}

	people, err := clients.New(sidecar.Invoke(userApp))
	if err != nil {
		return nil, err
	}

	return auth.NewService(auth.Parts{
		Accounts:  people,
		Documents: sessions.New(sidecar.State(sessions.Component)),
		Attempts:  kept,
		Audit:     kept,
		Endings:   kept,
		Passwords: passwords,
		Tokens:    refresh,
		Signer:    signer,
		Clock:     clock.System{},
		Log:       log,
	}), nil
}

func newServer(
	c *Config, log *slog.Logger, pool *pgxpool.Pool, tokens *kitauth.ServiceTokens, sidecar *dapr.Sidecar,
	signer *kitauth.Signer, service *auth.Service,
) (*httpserver.Server, error) {
	spec, err := authhttp.GetSpec()
	if err != nil {
		return nil, err
	}

	verifier, err := kitauth.LoadJWKS(c.JWKSFile, kitauth.WithIssuer(c.JWTIssuer), kitauth.WithAudience(c.JWTAudience))
	if err != nil {
		return nil, err
	}

	if !slices.Contains(verifier.JWKS().Keys, signer.JWKS().Keys[0]) {
		return nil, errors.New("JWKS_FILE lacks the public key of JWT_PRIVATE_KEY_FILE: nobody could verify our tokens")
	}

	server, err := httpserver.New(httpserver.Options{
		Common:        c.Common,
		Spec:          spec,
		Log:           log,
		Verifier:      verifier,
		ServiceTokens: tokens,
		AlsoCheck:     rest.Checks(),
		Ready:         func(ctx context.Context) error { return errors.Join(pool.Ping(ctx), sidecar.Healthy(ctx)) },
	})
	if err != nil {
		return nil, err
	}

	rest.Register(server, service, verifier)
	box := kitinbox.New(pool, schema, log, server)
	inbox.Register(box, service, store.New(pool))
	server.Registry().MustRegister(box)

	return server, nil
}

// tidy deletes what is old until the context ends. All replicas do it; the later ones find nothing.
func tidy(ctx context.Context, log *slog.Logger, kept *store.Store) {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := kept.Tidy(ctx); err != nil {
				log.WarnContext(ctx, "delete old rows", "error", err)
			}
		}
	}
}
