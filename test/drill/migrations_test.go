package drill_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	. "github.com/onsi/gomega"
	"github.com/pressly/goose/v3"

	"github.com/shema-music/shema/local/verify"
	auth "github.com/shema-music/shema/services/auth/migrations"
	booking "github.com/shema-music/shema/services/booking/migrations"
	chat "github.com/shema-music/shema/services/chat/migrations"
	"github.com/shema-music/shema/services/contracts/apps"
	course "github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/postgres"
	recommendation "github.com/shema-music/shema/services/recommendation/migrations"
	user "github.com/shema-music/shema/services/user/migrations"
)

var migrations = map[string]fs.FS{
	apps.Auth: auth.Files, apps.User: user.Files, apps.Course: course.Files, apps.Booking: booking.Files, apps.Chat: chat.Files,
	apps.Recommendation: recommendation.Files,
}

// migrateBackAndForth takes a copy of a filled database, as a release would find it, and rolls each migration of each
// service back and forward again while others read and write the same tables under the limits of the services: no
// statement waits too long, the schema comes out as it was, and what the tables promise holds.
func (s *school) migrateBackAndForth(t *testing.T, backup string) {
	g := NewWithT(t)
	url := s.copyOf(t, g, backup)

	for _, app := range apps.All() {
		if files := migrations[app.ID]; files != nil {
			t.Run(app.Name, func(t *testing.T) { rollEach(t, s.PostgresProgram("pg_dump"), url, app, files) })
		}
	}

	result, err := verify.As(t.Context(), url, verify.Patience{Looks: 1})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(brokenTables(result)).To(BeEmpty())
}

// brokenTables leaves out what no service works on in a copy.
func brokenTables(r verify.Result) []verify.Finding {
	var found []verify.Finding
	for _, f := range r.Findings {
		if !slices.Contains([]string{"events-waiting", "jobs-late", "mails-late"}, f.Check.Name) {
			found = append(found, f)
		}
	}

	return found
}

// copyOf restores the backup beside the platform's own database.
func (s *school) copyOf(t *testing.T, g *WithT, backup string) string {
	t.Helper()

	const name = "migrated"

	server, err := postgres.WithDatabase(s.DatabaseURL(), "postgres")
	g.Expect(err).NotTo(HaveOccurred())

	url, err := postgres.WithDatabase(s.DatabaseURL(), name)
	g.Expect(err).NotTo(HaveOccurred())

	s.program(t, g, "createdb", "--maintenance-db="+server, name)
	s.program(t, g, "pg_restore", "--exit-on-error", "--dbname="+url, backup)
	g.Expect(postgres.Prepare(t.Context(), url, nil)).To(Succeed())

	return url
}

// rollEach goes back by one, two, … all migrations of a service, and forward again each time.
func rollEach(t *testing.T, pgDump, url string, app apps.App, files fs.FS) {
	t.Helper()
	g := NewWithT(t)
	own := withRole(g, url, app.Role)

	config, err := pgxpool.ParseConfig(own)
	g.Expect(err).NotTo(HaveOccurred())

	config.ConnConfig.RuntimeParams["lock_timeout"] = "500" // as Migrate does it

	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	g.Expect(err).NotTo(HaveOccurred())

	defer pool.Close()

	db := stdlib.OpenDBFromPool(pool)
	defer func() { g.Expect(db.Close()).To(Succeed()) }()

	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithTableName(app.Schema+".goose_db_version"), goose.WithDisableGlobalRegistry(true))
	g.Expect(err).NotTo(HaveOccurred())

	end := useTables(t, own, app.Schema)
	asItWas := schemaOf(t, g, pgDump, url, app.Schema)
	newest := int64(len(provider.ListSources()))

	for version := newest - 1; version >= 1; version-- {
		g.Eventually(func() error {
			_, err := provider.DownTo(t.Context(), version)
			return err
		}).Should(Succeed(), "back to %d", version) // it may find tables locked

		g.Expect(postgres.Migrate(t.Context(), own, app.Schema, files)).To(Succeed(), "forward from %d", version)
		g.Expect(difference(asItWas, schemaOf(t, g, pgDump, url, app.Schema))).To(BeEmpty(), "back to %d and forward", version)
	}

	g.Expect(end()).To(Succeed(), "others who used the tables meanwhile")
}

func withRole(g *WithT, url, role string) string {
	config, err := pgx.ParseConfig(url)
	g.Expect(err).NotTo(HaveOccurred())

	separator := "?"
	if strings.Contains(config.ConnString(), "?") {
		separator = "&"
	}

	return config.ConnString() + separator + "role=" + role
}

// schemaOf is the schema as SQL, line by line in no order: columns that were taken away and came back stand elsewhere.
func schemaOf(t *testing.T, g *WithT, pgDump, url, schema string) map[string]int {
	t.Helper()

	out, err := exec.CommandContext(t.Context(), pgDump, "--schema-only", "--schema="+schema, "--dbname="+url).Output()
	g.Expect(err).NotTo(HaveOccurred())

	lines := map[string]int{}
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimRight(strings.TrimSpace(line), ","); line != "" && !strings.HasPrefix(line, "--") && !strings.HasPrefix(line, `\`) {
			lines[line]++
		}
	}

	return lines
}

// difference lists the lines that one of the two has more often than the other.
func difference(before, after map[string]int) []string {
	var lines []string
	for line, count := range before {
		if after[line] < count {
			lines = append(lines, "lost: "+line)
		}
	}

	for line, count := range after {
		if before[line] < count {
			lines = append(lines, "new: "+line)
		}
	}

	slices.Sort(lines)

	return lines
}

// useTables reads and writes all tables of a schema again and again, under the limits of a service, until end is called,
// which says what went wrong. Tables that are not there for a while are left out.
func useTables(t *testing.T, url, schema string) (end func() error) {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())

	var (
		using   sync.WaitGroup
		failure error
	)

	using.Go(func() { failure = useUntil(ctx, url, schema) })

	return func() error {
		cancel()
		using.Wait()

		return failure
	}
}

func useUntil(ctx context.Context, url, schema string) error {
	pool, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()

	for ctx.Err() == nil {
		tables, err := tablesOf(ctx, pool, schema)

		for _, table := range tables {
			if err == nil {
				err = useTable(ctx, pool, table)
			}
		}

		if err != nil && ctx.Err() == nil {
			return err
		}

		time.Sleep(time.Millisecond) // there are others
	}

	return nil
}

func tablesOf(ctx context.Context, pool *pgxpool.Pool, schema string) ([][2]string, error) {
	type table struct{ Name, Column string }

	rows, err := pool.Query(ctx, `SELECT c.relname, (SELECT a.attname FROM pg_attribute a
			WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			AND a.attidentity = '' AND a.attgenerated = '' ORDER BY a.attnum LIMIT 1)
		FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE 'river%' AND c.relname NOT LIKE 'goose%'`, schema)
	if err != nil {
		return nil, err
	}

	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])

	var names [][2]string
	for _, f := range found {
		names = append(names, [2]string{pgx.Identifier{schema, f.Name}.Sanitize(), pgx.Identifier{f.Column}.Sanitize()})
	}

	return names, err
}

func useTable(ctx context.Context, pool *pgxpool.Pool, table [2]string) error {
	sql := fmt.Sprintf(`UPDATE %s SET %[2]s = %[2]s WHERE ctid = (SELECT ctid FROM %[1]s LIMIT 1)`, table[0], table[1])

	// As a service does it: who loses a deadlock tries again.
	err := postgres.InTx(ctx, pool, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sql)
		return err
	})

	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "42P01" || pg.Code == "42703") {
		return nil
	}

	if err != nil {
		return fmt.Errorf("use %s: %w", table[0], err)
	}

	return nil
}
