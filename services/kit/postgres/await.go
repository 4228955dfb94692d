package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// awaitEvery is the pause between two looks at a schema that is not there yet.
const awaitEvery = 500 * time.Millisecond

// AwaitMigrations returns when the schema is at least as new as Migrate with the same migrations would make it, or when
// the context ends. Whatever keeps it from looking (a database that is not there, a role that does not exist yet) it
// logs, and looks again. The role needs to read the tables goose_db_version and river_migration only.
func AwaitMigrations(ctx context.Context, url, schema string, migrations fs.FS, log *slog.Logger) error {
	want, err := newest(migrations)
	if err != nil {
		return err
	}

	said := ""
	for {
		missing := lacks(ctx, url, schema, want)
		if missing == nil {
			return nil
		}

		if reason := missing.Error(); reason != said {
			log.Info("waiting for migrations", "schema", schema, "reason", reason)
			said = reason
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for migrations of %s: %w", schema, missing)
		case <-time.After(awaitEvery):
		}
	}
}

// versions are those of a service's own migrations and of River's.
type versions struct{ own, river int64 }

// newest returns what Migrate would migrate to.
func newest(migrations fs.FS) (versions, error) {
	files, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return versions{}, fmt.Errorf("list the migrations: %w", err)
	}

	want := versions{river: int64(newestRiver())}
	for _, file := range files {
		number, err := goose.NumericComponent(path.Base(file))
		if err != nil {
			return versions{}, fmt.Errorf("read the number of migration %s: %w", file, err)
		}

		want.own = max(want.own, number)
	}

	return want, nil
}

// newestRiver is the number of River's newest migration.
func newestRiver() int {
	migrator, err := rivermigrate.New(riverpgxv5.New(nil), &rivermigrate.Config{Logger: silent()})
	if err != nil {
		panic("river refuses its own defaults: " + err.Error())
	}

	all := migrator.AllVersions()

	return all[len(all)-1].Version
}

// lacks says what is missing in the schema, or what keeps it from knowing.
func lacks(ctx context.Context, url, schema string, want versions) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()

	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", withoutURL(err))
	}

	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()

	name := pgx.Identifier{schema}.Sanitize()

	var have versions

	err = conn.QueryRow(ctx, `SELECT
		(SELECT coalesce(max(version_id), 0) FROM `+name+`.goose_db_version WHERE is_applied),
		(SELECT coalesce(max(version), 0) FROM `+name+`.river_migration WHERE line = 'main')`).Scan(&have.own, &have.river)
	if err != nil {
		return fmt.Errorf("read the versions of schema %s: %w", schema, err)
	}

	if have.own < want.own || have.river < want.river {
		return fmt.Errorf("schema %s has version %d (jobs %d), not yet %d (jobs %d)",
			schema, have.own, have.river, want.own, want.river)
	}

	return nil
}
