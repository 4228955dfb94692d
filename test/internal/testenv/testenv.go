// Package testenv starts a whole platform for the suite and the benchmarks, and opens the doors through which they look
// inside: the database, the broker and the API server.
package testenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/test/internal/catalogue"
)

// patience is how long one part may take to come back.
const patience = 60 * time.Second

// Environment is a running platform.
type Environment struct {
	*platform.Platform

	// Dir is the folder that holds everything of the platform.
	Dir           string
	Gateway       string
	AdminEmail    string
	AdminPassword string
	DB            *pgxpool.Pool
	Redis         *redis.Client
	Catalogue     *catalogue.Writer
	// Shown is what the suite's people have to hide; no log may show it.
	Shown Ledger

	options platform.Options
}

// Start runs a platform in the folder dir on free ports. Change adapts the options; a disposable database and the
// loopback as trusted proxy are set already.
func Start(ctx context.Context, dir string, progress io.Writer, change func(*platform.Options)) (*Environment, error) {
	o := platform.Options{
		Dir:        dir,
		FreePorts:  true,
		Disposable: true,
		Env:        map[string]map[string]string{"gateway": {"TRUSTED_PROXIES": "127.0.0.1/32"}},
	}
	change(&o)

	p, err := platform.Start(ctx, o, progress)
	if err != nil {
		return nil, fmt.Errorf("start the platform in %s: %w", dir, err)
	}

	e := &Environment{Platform: p, Dir: dir, options: o}
	if err := e.open(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}

	return e, nil
}

func (e *Environment) open(ctx context.Context) (err error) {
	e.Gateway = e.GatewayURL()

	e.AdminEmail, e.AdminPassword = platform.AdminEmail, e.Secrets().AdminPassword
	if e.DB, err = pgxpool.New(ctx, e.DatabaseURL()); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}

	if e.Redis, err = e.openRedis(); err != nil {
		return fmt.Errorf("open the broker: %w", err)
	}

	e.Catalogue, err = catalogue.New(e.Kubeconfig())

	return err
}

func (e *Environment) openRedis() (*redis.Client, error) {
	if e.options.Standby != "" {
		options, err := redis.ParseFailoverURL(e.RedisURL())
		if err != nil {
			return nil, err
		}

		return redis.NewFailoverClient(options), nil
	}

	options, err := redis.ParseURL(e.RedisURL())
	if err != nil {
		return nil, err
	}

	return redis.NewClient(options), nil
}

// Close stops everything; the logs stay in the folder. It fails if one of them shows a secret.
func (e *Environment) Close() error {
	var failures []error
	if e.Catalogue != nil { // all was started
		failures = append(failures, e.Shown.observeMails(e.MailURL()))
	}

	if e.DB != nil {
		e.DB.Close()
	}

	if e.Redis != nil {
		_ = e.Redis.Close()
	}

	failures = append(failures, e.Platform.Close())

	shown, err := e.Leaks(e.Shown.Known())
	if len(shown) > 0 {
		failures = append(failures, fmt.Errorf("secrets in logs: %s", strings.Join(shown, ", ")))
	}

	return errors.Join(append(failures, err)...)
}

// Two tells whether there are two of each service.
func (e *Environment) Two() bool { return len(e.Replicas("booking")) > 1 }

// Programs are the processes of all running programs, by their ids, with the programs' names.
func (e *Environment) Programs() map[int]string {
	running := map[int]string{}
	for _, program := range e.Status() {
		if program.PID != 0 {
			running[program.PID] = program.Name
		}
	}

	return running
}

// Stop ends all replicas of one part and keeps them down until Start. "booking" means the service, "booking-2" the
// second of its replicas; the first alone is stopped by e.Platform.Stop("booking").
func (e *Environment) Stop(name string) error {
	return e.each(name, e.Platform.Stop)
}

// Start starts all replicas of one part again and waits until they are ready.
func (e *Environment) Start(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return e.each(name, func(replica string) error { return e.Platform.Start(ctx, replica) })
}

// Pause makes all replicas of one part hang until Resume.
func (e *Environment) Pause(name string) error { return e.each(name, e.Platform.Pause) }

// Resume lets all replicas of one part go on.
func (e *Environment) Resume(name string) error { return e.each(name, e.Platform.Resume) }

// AwaitReady returns when all replicas of one part are ready.
func (e *Environment) AwaitReady(ctx context.Context, name string) error {
	return e.each(name, func(replica string) error { return e.Platform.AwaitReady(ctx, replica) })
}

// each does something to all replicas of a part at once.
func (e *Environment) each(name string, do func(replica string) error) error {
	replicas := e.Replicas(name)
	failures := make([]error, len(replicas))

	var all sync.WaitGroup
	for i, replica := range replicas {
		all.Go(func() { failures[i] = do(replica) })
	}

	all.Wait()

	return errors.Join(failures...)
}

// Kill ends one part, by the name of its replica, as a crash would and waits until it has come back by itself. That may take several tries: a new
// Postgres refuses to start until the last child of the old one has noticed that its parent is dead.
func (e *Environment) Kill(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	if err := e.Platform.Kill(ctx, name); err != nil {
		return err
	}

	for {
		err := e.Platform.AwaitReady(ctx, name)
		if err == nil || ctx.Err() != nil {
			return err
		}

		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Change adds to the environment of services, leaves components out, and restarts what that touches. Both count from
// the options of the start, not from the change before.
func (e *Environment) Change(ctx context.Context, progress io.Writer, env map[string]map[string]string, without []string) error {
	o := e.options
	o.WithoutComponents = append(slices.Clone(o.WithoutComponents), without...)

	o.Env = map[string]map[string]string{}
	for _, source := range []map[string]map[string]string{e.options.Env, env} {
		for name, values := range source {
			if o.Env[name] == nil {
				o.Env[name] = map[string]string{}
			}

			maps.Copy(o.Env[name], values)
		}
	}

	prepared, err := platform.Prepare(ctx, o, progress)
	if err != nil {
		return err
	}

	return e.Update(ctx, prepared)
}

// Fault arms one crash point of the booking service, at which the first of its replicas to get there dies.
func (e *Environment) Fault(point string) error {
	return os.WriteFile(e.FaultFile("booking"), []byte(point), 0o600)
}

// FaultHit tells whether the armed point was reached.
func (e *Environment) FaultHit() bool {
	_, err := os.Stat(e.FaultFile("booking"))
	return errors.Is(err, os.ErrNotExist)
}

// Run runs a subcommand of a service in that service's environment.
func (e *Environment) Run(name string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	command, err := e.Command(ctx, name, arguments...)
	if err != nil {
		return "", err
	}

	out, err := command.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w", name, strings.Join(arguments, " "), err)
	}

	return string(out), nil
}
