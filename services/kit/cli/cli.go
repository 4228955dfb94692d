// Package cli is the command line that all services share: serve (the default), commands for the database and for
// dead letters, and the service's own.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/telemetry"
	"github.com/shema-music/shema/services/kit/version"
)

// migrateTimeout bounds a migration, the wait for another process that migrates included.
const migrateTimeout = 5 * time.Minute

var errNoDatabase = errors.New("DATABASE_URL is not set")

// Command is one of a service's own commands; args are what follows its name, out is standard output.
type Command func(ctx context.Context, args []string, out io.Writer) error

// Program is one service's binary. It needs AppID, Settings and Serve.
type Program struct {
	// AppID is the Dapr app id, Port the default port.
	AppID string
	Port  int
	// Settings is a pointer to the service's Config; it is filled before anything runs.
	Settings config.Settings
	// Serve runs the service until the context ends.
	Serve func(ctx context.Context, log *slog.Logger) error
	// Schema and Migrations are empty for programs without a database.
	Schema     string
	Migrations fs.FS
	// Commands are the service's own, by name.
	Commands map[string]Command
}

// Main runs the command that the arguments name and ends the process. SIGINT and SIGTERM end the context.
func Main(p Program) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := p.Run(ctx, os.Args[1:], os.Stdout)

	stop()

	if err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "%s: %v\n", p.AppID, err)

		os.Exit(1)
	}
}

// Run runs the command that args name.
func (p Program) Run(ctx context.Context, args []string, out io.Writer) error {
	name, rest := "serve", []string(nil)
	if len(args) > 0 {
		name, rest = args[0], args[1:]
	}

	command, ok := p.commands()[name]
	if !ok {
		return fmt.Errorf("there is no command %q; the commands are %s", name, strings.Join(p.names(), ", "))
	}

	if err := config.Load(p.Settings, p.AppID, p.Port); err != nil {
		return err
	}

	return command(ctx, rest, out)
}

func (p Program) commands() map[string]Command {
	all := map[string]Command{"serve": p.serve, "version": printVersion, "await-stores": p.awaitStores}
	if p.Migrations != nil {
		all["migrate"] = p.migrate
		all["await-migrations"] = p.awaitMigrations
		all["prepare-database"] = p.prepareDatabase
		all["dead-letters"] = p.deadLetters
	}

	maps.Copy(all, p.Commands)

	return all
}

func (p Program) names() []string { return slices.Sorted(maps.Keys(p.commands())) }

func (p Program) common() config.Common { return config.Of(p.Settings) }

func (p Program) serve(ctx context.Context, _ []string, _ io.Writer) error {
	log, shutdown, err := telemetry.Setup(ctx, p.AppID, p.common())
	if err != nil {
		return err
	}

	defer func() {
		flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()

		_ = shutdown(flush)
	}()

	log.Info("starting", "version", version.String())

	return p.Serve(ctx, log)
}

func printVersion(_ context.Context, _ []string, out io.Writer) error {
	_, err := fmt.Fprintln(out, version.String())
	return err
}
