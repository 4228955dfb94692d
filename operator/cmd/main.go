// The catalogue operator keeps the course tables of the platform in step with
// Course and Schedule resources.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // the zones of Schedules, wherever the operator runs

	"github.com/go-logr/logr"
	"github.com/jackc/pgx/v5/pgxpool"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/shema-music/shema/operator/internal/controller"
	"github.com/shema-music/shema/operator/internal/store"
	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/kit/version"
)

const (
	appID = apps.Operator
	// schema is where the outbox of the course service is.
	schema = "course"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])

	stop()

	if err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "%s: %v\n", appID, err)

		os.Exit(1)
	}
}

// command does what the arguments say: work, unless they name something else.
func command(ctx context.Context, args []string) error {
	switch {
	case len(args) == 0:
		return run(ctx)
	case args[0] == "await-migrations":
		return awaitMigrations(ctx)
	case args[0] == "version":
		_, err := fmt.Println(version.String())
		return err
	}

	return fmt.Errorf("there is no command %q; the commands are await-migrations and version, none means work", args[0])
}

// awaitMigrations returns when the course service's tables are there.
func awaitMigrations(ctx context.Context) error {
	c, err := readConfig()
	if err != nil {
		return err
	}

	return postgres.AwaitMigrations(ctx, c.DatabaseURL, schema, migrations.Files, setupLog(c.LogLevel))
}

// run works until the context ends.
func run(ctx context.Context) error {
	c, err := readConfig()
	if err != nil {
		return err
	}

	log := setupLog(c.LogLevel)
	log.Info("starting", "version", version.String())

	pool, err := postgres.Open(ctx, c.DatabaseURL, postgres.WithMaxConns(apps.Get(appID).Connections), closeIdle)
	if err != nil {
		return err
	}
	defer pool.Close()

	events, err := outbox.NewInserter(pool, schema, log)
	if err != nil {
		return err
	}

	mgr, err := newManager(c, pool)
	if err != nil {
		return err
	}

	if err := frugal(mgr); err != nil {
		return fmt.Errorf("keep the footprint small: %w", err)
	}

	err = controller.Setup(ctx, mgr, controller.Options{
		Store:  store.New(pool, events.Telling(schema)),
		Clock:  clock.System{},
		Resync: c.Resync,
		Poll:   c.Poll,
	})
	if err != nil {
		return fmt.Errorf("set up the controllers: %w", err)
	}

	return mgr.Start(ctx)
}

// closeIdle gives connections back soon: between two resyncs the poller needs
// one.
func closeIdle(c *pgxpool.Config) { c.MaxConnIdleTime = 15 * time.Second }

// setupLog makes the operator, controller-runtime and client-go write JSON to
// standard output.
func setupLog(level slog.Level) *slog.Logger {
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level})).With("app", appID)
	slog.SetDefault(log)
	ctrl.SetLogger(logr.FromSlogHandler(log.Handler()))
	klog.SetSlogLogger(log)

	return log
}
