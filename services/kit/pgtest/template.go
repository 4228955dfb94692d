package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	testPrefix     = "shema_test_"
	templatePrefix = "shema_template_"
	// namesLength is how much of the schemas' names a template's name shows.
	namesLength = 24
	// leftOverAfter is the age at which a test database belongs to no test any more: its own was killed.
	leftOverAfter = time.Hour
	// outdatedAfter is the age at which a template is made anew.
	outdatedAfter = 7 * 24 * time.Hour
)

// createFromTemplate copies the migrated template, making it first if this is the first test to want it.
func createFromTemplate(ctx context.Context, server, name string, schemas []Schema) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("connect to TEST_DATABASE_URL: %w", err)
	}

	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()

	template, err := templateName(schemas)
	if err != nil {
		return err
	}

	err = copyDatabase(ctx, conn, template, name)
	if err == nil || !missingDatabase(err) {
		return err
	}

	if err := makeTemplate(ctx, conn, server, template, schemas); err != nil {
		return fmt.Errorf("make the template: %w", err)
	}

	return copyDatabase(ctx, conn, template, name)
}

func copyDatabase(ctx context.Context, conn *pgx.Conn, template, name string) error {
	_, err := conn.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s",
		pgx.Identifier{name}.Sanitize(), pgx.Identifier{template}.Sanitize()))
	return err
}

func missingDatabase(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "3D000"
}

// templateName changes with everything that goes into a template.
func templateName(schemas []Schema) (string, error) {
	h := sha256.New()
	_, _ = io.WriteString(h, postgres.Fingerprint())

	names := make([]string, len(schemas))
	for i, s := range schemas {
		names[i] = s.Name
		if err := hashFiles(h, s); err != nil {
			return "", fmt.Errorf("read the migrations of %s: %w", s.Name, err)
		}
	}

	// Postgres cuts names at 63 bytes, and "_unfinished" has to fit, too.
	all := strings.Join(names, "_")

	return templatePrefix + all[:min(len(all), namesLength)] + "_" + hex.EncodeToString(h.Sum(nil))[:12], nil
}

func hashFiles(h io.Writer, s Schema) error {
	_, _ = fmt.Fprintf(h, "%s %s\n", s.Name, s.Role)

	return fs.WalkDir(s.Migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}

		content, err := fs.ReadFile(s.Migrations, path)
		_, _ = fmt.Fprintf(h, "%s %d\n%s", path, len(content), content)

		return err
	})
}

// makeTemplate migrates a database under another name first, so that a template that exists is complete. One process
// of the machine does it; the others wait for the lock and find it done.
func makeTemplate(ctx context.Context, conn *pgx.Conn, server, template string, schemas []Schema) error {
	lock := postgres.LockKey("shema test templates")
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", lock); err != nil {
		return err
	}

	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", lock) }()

	var exists bool

	err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", template).Scan(&exists)
	if err != nil || exists {
		return err
	}

	if err := sweep(ctx, conn); err != nil {
		return err
	}

	unfinished := template + "_unfinished"
	if err := dropDatabase(ctx, conn, unfinished); err != nil {
		return err
	}

	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{unfinished}.Sanitize()); err != nil {
		return err
	}

	if err := migrateAll(ctx, server, unfinished, schemas); err != nil {
		return err
	}

	_, err = conn.Exec(ctx, fmt.Sprintf("ALTER DATABASE %s RENAME TO %s",
		pgx.Identifier{unfinished}.Sanitize(), pgx.Identifier{template}.Sanitize()))

	return err
}

func migrateAll(ctx context.Context, server, database string, schemas []Schema) error {
	target, err := postgres.WithDatabase(server, database)
	if err != nil {
		return err
	}

	if err := postgres.Prepare(ctx, target, nil); err != nil {
		return err
	}

	d := Database{superuserURL: target}
	for _, s := range schemas {
		if err := postgres.Migrate(ctx, d.URL(s.Role), s.Name, s.Migrations); err != nil {
			return err
		}
	}

	return nil
}

// sweep drops what no test needs any more: databases that killed tests left behind, and templates of last week, of which
// most have been replaced since. One that is still wanted is made again.
func sweep(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `
		SELECT datname FROM pg_database, pg_stat_file('base/' || oid || '/PG_VERSION', true) AS file
		WHERE starts_with(datname, $1) AND file.modification < now() - make_interval(secs => $2)
		   OR starts_with(datname, $3) AND file.modification < now() - make_interval(secs => $4)`,
		testPrefix, leftOverAfter.Seconds(), templatePrefix, outdatedAfter.Seconds())
	if err != nil {
		return err
	}

	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}

	for _, name := range names {
		if err := dropDatabase(ctx, conn, name); err != nil {
			return err
		}
	}

	return nil
}
