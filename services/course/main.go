// Command course is the course service: the catalogue that people read, and the
// reservations that decide who holds which slot.
package main

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/course/internal/cache"
	"github.com/shema-music/shema/services/course/internal/inbox"
	"github.com/shema-music/shema/services/course/internal/rest"
	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	appID       = "course-service"
	defaultPort = 3003
	schema      = "course"
	// cacheStore is the Dapr state store of this service.
	cacheStore = "cache"
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

	tokens, err := auth.NewServiceTokens(c.ServiceJWTSecret, appID, clock.System{})
	if err != nil {
		return err
	}

	sidecar, err := dapr.NewSidecar(c.Common, tokens)
	if err != nil {
		return err
	}
	defer sidecar.Close()
	// What it publishes comes from the operator, which adds catalog.changed to this outbox.
	events, err := outbox.New(outbox.Options{
		Pool:    pool,
		Schema:  schema,
		Log:     log,
		Publish: sidecar.Publish,
	})
	if err != nil {
		return err
	}

	server, err := newServer(c, log, pool, tokens, events, sidecar.State(cacheStore))
	if err != nil {
		return err
	}

	events.Start(ctx)
	served := server.Run(ctx)

	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownTimeout)
	defer cancel()

	if err := events.Stop(stopping); err != nil {
		log.Warn("stop the outbox", "error", err)
	}

	return served
}

func newServer(c *Config, log *slog.Logger, pool *pgxpool.Pool, tokens *auth.ServiceTokens, events *outbox.Outbox,
	backend cache.Backend,
) (*httpserver.Server, error) {
	spec, err := coursehttp.GetSpec()
	if err != nil {
		return nil, err
	}

	verifier, err := auth.LoadJWKS(c.JWKSFile, auth.WithIssuer(c.JWTIssuer), auth.WithAudience(c.JWTAudience))
	if err != nil {
		return nil, err
	}

	rows := store.New(pool)
	catalogue := cache.New(rows, backend, clock.System{}, log)

	server, err := httpserver.New(httpserver.Options{
		Common:        c.Common,
		Spec:          spec,
		Log:           log,
		Verifier:      verifier,
		ServiceTokens: tokens,
		Ready:         rows.Ready,
		Collectors:    []prometheus.Collector{events, catalogue.Collector()},
	})
	if err != nil {
		return nil, err
	}

	rest.Register(server, catalogue, rows, &c.SchoolTimeZone)
	box := kitinbox.New(pool, schema, log, server)
	inbox.Register(box, store.InTx)

	return server, server.Registry().Register(box)
}
