// Command booking is the booking service: requests for lessons, their deadline, and the saga with the course service.
package main

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/clients"
	"github.com/shema-music/shema/services/booking/internal/inbox"
	"github.com/shema-music/shema/services/booking/internal/rest"
	"github.com/shema-music/shema/services/booking/internal/store"
	"github.com/shema-music/shema/services/booking/migrations"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	appID       = "booking-service"
	courseAppID = "course-service"
	userAppID   = "user-service"
	defaultPort = 3004
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

	metrics := booking.NewMetrics()

	bookings, err := newBookings(pool, sidecar, metrics, log)
	if err != nil {
		return err
	}

	jobs, err := outbox.New(outbox.Options{
		Pool:     pool,
		Schema:   store.Schema,
		Log:      log,
		Publish:  sidecar.Publish,
		Register: inbox.Workers(bookings),
	})
	if err != nil {
		return err
	}

	server, err := newServer(c, log, tokens, pool.Ping, append(metrics.Collectors(), jobs)...)
	if err != nil {
		return err
	}

	rest.Register(server, bookings)
	inbox.RegisterSweep(server, bookings, log)

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

func newBookings(pool *pgxpool.Pool, sidecar *dapr.Sidecar, metrics *booking.Metrics, log *slog.Logger) (*booking.Service, error) {
	// The store only puts jobs in; they are worked by the outbox, which needs the service.
	inserter, err := outbox.NewInserter(pool, store.Schema, log)
	if err != nil {
		return nil, err
	}

	courses, err := clients.NewCourses(sidecar.Invoke(courseAppID))
	if err != nil {
		return nil, err
	}

	users, err := clients.NewUsers(sidecar.Invoke(userAppID))
	if err != nil {
		return nil, err
	}

	return booking.NewService(store.New(pool, inserter), courses, users, metrics, log, booking.DefaultTimings()), nil
}

func newServer(
	c *Config, log *slog.Logger, tokens *auth.ServiceTokens, ready func(context.Context) error, own ...prometheus.Collector,
) (*httpserver.Server, error) {
	spec, err := bookinghttp.GetSpec()
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
