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
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	appID = "catalog-operator"
	// schema is where the outbox of the course service is.
	schema = "course"
	// maxConns is enough for all workers of both kinds and the poller.
	maxConns = 6
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "%s: %v\n", appID, err)
		os.Exit(1)
	}
}

// run works until the context ends.
func run(ctx context.Context) error {
	c, err := readConfig()
	if err != nil {
		return err
	}
	log := setupLog(c.LogLevel)
	pool, err := postgres.Open(ctx, c.DatabaseURL, postgres.WithMaxConns(maxConns), closeIdle)
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
		Store: store.New(pool, events), Clock: clock.System{}, Resync: c.Resync, Poll: c.Poll,
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
