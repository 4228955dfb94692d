// Command recommendation is the recommendation service: which courses fit a student, and what was recommended before.
package main

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/recommendation/internal/clients"
	"github.com/shema-music/shema/services/recommendation/internal/inbox"
	"github.com/shema-music/shema/services/recommendation/internal/ranking"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/rest"
	"github.com/shema-music/shema/services/recommendation/internal/store"
	"github.com/shema-music/shema/services/recommendation/migrations"
)

const (
	appID       = "recommendation-service"
	courseAppID = "course-service"
	userAppID   = "user-service"
	defaultPort = 3006
)

func main() {
	var c Config
	cli.Main(cli.Program{
		AppID:      appID,
		Port:       defaultPort,
		Settings:   &c,
		Schema:     store.Schema,
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

	metrics := recommendation.NewMetrics()

	recommendations, err := newRecommendations(c, pool, sidecar, metrics, log)
	if err != nil {
		return err
	}

	jobs, err := outbox.New(outbox.Options{
		Pool:     pool,
		Schema:   store.Schema,
		Log:      log,
		Publish:  sidecar.Publish,
		Register: inbox.Workers(recommendations),
	})
	if err != nil {
		return err
	}

	server, err := newServer(c, log, tokens, pool.Ping, append(metrics.Collectors(), jobs)...)
	if err != nil {
		return err
	}

	rest.Register(server, recommendations)
	box := kitinbox.New(pool, store.Schema, log, server)
	inbox.Register(box, jobs)

	if err := server.Registry().Register(box); err != nil {
		return err
	}

	return run(ctx, c, log, jobs, server)
}

// run works jobs and answers requests until the context ends, and lets both come to their end.
func run(ctx context.Context, c *Config, log *slog.Logger, jobs *outbox.Outbox, server *httpserver.Server) error {
	jobs.Start(ctx)
	served := server.Run(ctx)

	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownTimeout)
	defer cancel()

	if err := jobs.Stop(stopping); err != nil {
		log.Warn("stop the jobs", "error", err)
	}

	return served
}

func newRecommendations(
	c *Config, pool *pgxpool.Pool, sidecar *dapr.Sidecar, metrics *recommendation.Metrics, log *slog.Logger,
) (*recommendation.Service, error) {
	courses, err := clients.NewCourses(sidecar.Invoke(courseAppID))
	if err != nil {
		return nil, err
	}

	users, err := clients.NewUsers(sidecar.Invoke(userAppID))
	if err != nil {
		return nil, err
	}

	ranker, err := newRanker(c)
	if err != nil {
		return nil, err
	}

	return recommendation.NewService(store.New(pool), courses, users, ranker, metrics, log), nil
}

func newRanker(c *Config) (recommendation.Ranker, error) {
	if c.ModelEndpoint == "" {
		return recommendation.Rules{}, nil
	}

	return ranking.New(c.ModelEndpoint, c.ModelToken)
}

func newServer(
	c *Config, log *slog.Logger, tokens *auth.ServiceTokens, ready func(context.Context) error, own ...prometheus.Collector,
) (*httpserver.Server, error) {
	spec, err := recommendationhttp.GetSpec()
	if err != nil {
		return nil, err
	}

	verifier, err := auth.LoadJWKS(c.JWKSFile, auth.WithIssuer(c.JWTIssuer), auth.WithAudience(c.JWTAudience))
	if err != nil {
		return nil, err
	}

	return httpserver.New(httpserver.Options{
		Common:        c.Common,
		Spec:          spec,
		Log:           log,
		Verifier:      verifier,
		ServiceTokens: tokens,
		Ready:         ready,
		Collectors:    own,
	})
}
