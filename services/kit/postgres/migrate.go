package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed inbox.sql
var inboxSQL string

//go:embed outbox.sql
var outboxSQL string

//go:embed verifier.sql
var verifierSQL string

const (
	// migrationLockTimeout is how long a migration waits for a lock, because whoever comes after it waits too. It is shorter
	// than the second after which Postgres looks for a deadlock, and might end the request of a service instead.
	migrationLockTimeout = "500"
	// migrationPatience is for how long a migration is tried again that did not get its locks, migrationPause after each time.
	migrationPatience = 2 * time.Minute
	migrationPause    = 200 * time.Millisecond
)

// Migrate brings a service's schema up to date: River's tables, those of the inbox and the outbox, then the service's own
// migrations (goose files at the root of migrations), which may therefore grant rights on the former, and at last what the
// verifier may read. It connects as the role
// that owns the schema. Several processes may call it at once; one does the work. Services may use the tables meanwhile: what
// does not get its locks is tried again for two minutes.
func Migrate(ctx context.Context, url, schema string, migrations fs.FS) error {
	pool, err := openForMigrations(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()

	return underLock(ctx, pool, "migrate "+schema, func() error {
		return patiently(ctx, func() error { return migrateAll(ctx, pool, schema, migrations) })
	})
}

func migrateAll(ctx context.Context, pool *pgxpool.Pool, schema string, migrations fs.FS) error {
	if err := migrateRiver(ctx, pool, schema); err != nil {
		return fmt.Errorf("migrate the job tables of %s: %w", schema, err)
	}

	if err := migrateEvents(ctx, pool, schema); err != nil {
		return fmt.Errorf("create the event tables of %s: %w", schema, err)
	}

	if err := migrateOwn(ctx, pool, schema, migrations); err != nil {
		return fmt.Errorf("migrate %s: %w", schema, err)
	}

	if _, err := pool.Exec(ctx, strings.ReplaceAll(verifierSQL, "{name}", quote(schema))); err != nil {
		return fmt.Errorf("let the verifier read %s: %w", schema, err)
	}

	return nil
}

func openForMigrations(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read DATABASE_URL: %w", withoutURL(err))
	}

	config.ConnConfig.ConnectTimeout = connectTimeout
	config.ConnConfig.RuntimeParams["lock_timeout"] = migrationLockTimeout

	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}

	return pool, nil
}

// underLock runs do while this connection holds the advisory lock of that name; the end of the connection frees it.
func underLock(ctx context.Context, pool *pgxpool.Pool, name string, do func() error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}

	defer conn.Release()

	if _, err := conn.Exec(ctx, "SET lock_timeout = 0"); err != nil {
		return fmt.Errorf("wait for others as long as they need: %w", err)
	}

	key := LockKey(name)
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", key); err != nil {
		return fmt.Errorf("wait for the lock %q: %w", name, err)
	}

	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", key) }()

	return do()
}

// patiently repeats what fails because others hold locks: what a step has done is undone by then, and steps that are done
// are left out.
func patiently(ctx context.Context, migrate func() error) error {
	ctx, cancel := context.WithTimeout(ctx, migrationPatience)
	defer cancel()

	for {
		err := migrate()
		if !lostRace(err) && !lockedOut(err) {
			return err
		}

		select {
		case <-ctx.Done():
			return err
		case <-time.After(migrationPause):
		}
	}
}

// lockedOut reports whether a statement gave up waiting for a lock.
func lockedOut(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "55P03"
}

// LockKey turns a name into a key for Postgres' advisory locks.
func LockKey(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return int64(h.Sum64()) //nolint:gosec // all 64 bits are wanted, the sign means nothing
}

func migrateRiver(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: schema, Logger: silent()})
	if err != nil {
		return err
	}

	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)

	return err
}

func migrateEvents(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	sql := strings.ReplaceAll(inboxSQL+outboxSQL, "{schema}", pgx.Identifier{schema}.Sanitize())
	_, err := pool.Exec(ctx, sql)
	return err
}

func migrateOwn(ctx context.Context, pool *pgxpool.Pool, schema string, migrations fs.FS) error {
	db := stdlib.OpenDBFromPool(pool)
	defer func() { _ = db.Close() }()

	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations,
		goose.WithTableName(schema+".goose_db_version"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}

	_, err = provider.Up(ctx)

	return err
}
