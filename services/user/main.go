// Command user is the user service: people, their roles and their preferences.
package main

import (
	"context"
	"io"
	"log/slog"
	_ "time/tzdata" // mails name local times, also where the machine knows no zones

	"github.com/jackc/pgx/v5/pgxpool"

	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/httpserver"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/inbox"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/rest"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
	"github.com/shema-music/shema/services/user/migrations"
)

const (
	appID       = "user-service"
	defaultPort = 3002
	schema      = "users"
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
		Commands: map[string]cli.Command{
			"ensure-admin": func(ctx context.Context, _ []string, out io.Writer) error { return ensureAdmin(ctx, &c, out) },
		},
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
	// The store only puts jobs in; they are worked by the outbox, which needs the store.
	inserter, err := outbox.NewInserter(pool, schema, log)
	if err != nil {
		return err
	}

	notifications := store.NewNotifications(pool, inserter.Insert)
	postman := inbox.NewPostman(notifications, mail.New(sidecar.InvokeBinding), clock.System{}, log)

	events, err := outbox.New(outbox.Options{
		Pool:     pool,
		Schema:   schema,
		Log:      log,
		Publish:  sidecar.Publish,
		Register: postman.Register,
		Queues:   inbox.Queues(),
	})
	if err != nil {
		return err
	}

	server, err := newServer(c, log, pool, tokens)
	if err != nil {
		return err
	}

	connect(server, pool, log, events, notifications)
	server.Registry().MustRegister(postman.Collector())

	return run(ctx, c, log, events, server)
}

// run works jobs and answers requests until the context ends, and lets both come to their end.
func run(ctx context.Context, c *Config, log *slog.Logger, events *outbox.Outbox, server *httpserver.Server) error {
	events.Start(ctx)
	served := server.Run(ctx)

	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownTimeout)
	defer cancel()

	if err := events.Stop(stopping); err != nil {
		log.Warn("stop the outbox", "error", err)
	}

	return served
}

func newServer(c *Config, log *slog.Logger, pool *pgxpool.Pool, tokens *auth.ServiceTokens) (*httpserver.Server, error) {
	spec, err := userhttp.GetSpec()
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
		Ready:         pool.Ping,
	})
}

// connect lets requests and events in.
func connect(server *httpserver.Server, pool *pgxpool.Pool, log *slog.Logger, events *outbox.Outbox, told *store.Notifications) {
	people := store.New(pool, events.Publish)
	rest.Register(server, user.NewService(people, clock.System{}), notification.NewService(told))
	box := kitinbox.New(pool, schema, log, server)
	inbox.Register(box, people, told)
	server.Registry().MustRegister(events, box)
}
