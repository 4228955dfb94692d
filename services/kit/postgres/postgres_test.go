package postgres_test

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
)

var migrations = fstest.MapFS{
	"00001_slots.sql": {Data: []byte(`-- +goose Up
CREATE TABLE course.slots (id int PRIMARY KEY, holder text CONSTRAINT holder_not_empty CHECK (holder <> ''));
INSERT INTO course.slots VALUES (1), (2);
GRANT SELECT ON course.river_job, course.inbox_events TO catalog_operator;`)},
}

var schema = pgtest.Schema{Name: "course", Role: "course_service", Migrations: migrations}

func TestInTx(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	insert := func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO course.slots VALUES (3)")
		return err
	}
	failure := errors.New("no")
	g.Expect(postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		g.Expect(insert(ctx, tx)).To(Succeed())

		return failure
	})).To(MatchError(failure))
	g.Expect(func() {
		_ = postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
			g.Expect(insert(ctx, tx)).To(Succeed())

			panic("bug")
		})
	}).To(Panic())
	g.Expect(postgres.InTx(t.Context(), pool, insert)).To(Succeed(), "nothing was left behind")
	g.Expect(pool.Stat().AcquiredConns()).To(BeZero())
}

// A deadlock is tried again.
func TestInTx_Deadlock(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)

	var met sync.WaitGroup // both hold their first row before either wants its second
	met.Add(2)

	swap := func(first, second int) error {
		once := sync.OnceFunc(func() {
			met.Done()
			met.Wait()
		})

		return postgres.InTx(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "UPDATE course.slots SET holder = 'a' WHERE id = $1", first); err != nil {
				return err
			}

			once()

			_, err := tx.Exec(ctx, "UPDATE course.slots SET holder = 'b' WHERE id = $1", second)

			return err
		})
	}

	results := make(chan error, 2)
	go func() { results <- swap(1, 2) }()
	go func() { results <- swap(2, 1) }()

	g.Expect(<-results).To(Succeed())
	g.Expect(<-results).To(Succeed())
}

// In snapshot sees one state.
func TestInSnapshot_OneState(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	count := func(ctx context.Context, tx pgx.Tx) (n int) {
		g.Expect(tx.QueryRow(ctx, "SELECT count(*) FROM course.slots").Scan(&n)).To(Succeed())

		return n
	}
	g.Expect(postgres.InSnapshot(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		g.Expect(count(ctx, tx)).To(Equal(2))

		_, err := pool.Exec(ctx, "INSERT INTO course.slots VALUES (3)")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(count(ctx, tx)).To(Equal(2))

		return nil
	})).To(Succeed())
	g.Expect(postgres.InSnapshot(t.Context(), pool, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO course.slots VALUES (4)")
		return err
	})).To(MatchError(ContainSubstring("read-only")))
}

func TestConstraint(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	_, err := pool.Exec(t.Context(), "INSERT INTO course.slots VALUES (1)")
	name, ok := postgres.Constraint(err)
	g.Expect(ok).To(BeTrue())
	g.Expect(name).To(Equal("slots_pkey"))

	_, err = pool.Exec(t.Context(), "INSERT INTO course.slots VALUES (9, '')")
	name, _ = postgres.Constraint(err)
	g.Expect(name).To(Equal("holder_not_empty"))

	_, err = pool.Exec(t.Context(), "SELECT 1/0")
	_, ok = postgres.Constraint(err)
	g.Expect(ok).To(BeFalse())

	var id int
	g.Expect(postgres.NotFound(pool.QueryRow(t.Context(), "SELECT id FROM course.slots WHERE id = 9").Scan(&id))).To(BeTrue())
}

// Migrate may run in several processes at once.
func TestMigrate_SeveralProcesses(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t)
	g.Expect(postgres.Prepare(t.Context(), db.SuperuserURL(), nil)).To(Succeed())

	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			g.Expect(postgres.Migrate(t.Context(), db.URL("course_service"), "course", migrations)).To(Succeed())
		})
	}

	wg.Wait()

	var version int

	pool := db.Pool(t, "course_service")
	g.Expect(pool.QueryRow(t.Context(), "SELECT max(version_id) FROM course.goose_db_version").Scan(&version)).To(Succeed())
	g.Expect(version).To(Equal(1))

	_, err := db.Pool(t, "catalog_operator").Exec(t.Context(), "SELECT FROM course.river_job")
	g.Expect(err).To(MatchError(ContainSubstring("schema course")), "a grant on a table is not one on the schema")
}

// A migration that waits for a table lets those pass who come after it, and is made once the table is free.
func TestMigrate_BusyTable(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, schema)
	pool := db.Pool(t, "course_service")

	reader, err := pool.Begin(t.Context())
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = reader.Rollback(t.Context()) }()

	read := func(q interface {
		QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	}) (n int, err error) {
		err = q.QueryRow(t.Context(), "SELECT count(*) FROM course.slots").Scan(&n)
		return n, err
	}
	g.Expect(read(reader)).To(Equal(2))

	wider := maps.Clone(migrations)
	wider["00002_wider.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nALTER TABLE course.slots ADD COLUMN note text;")}

	migrated := make(chan error)
	go func() { migrated <- postgres.Migrate(t.Context(), db.URL("course_service"), "course", wider) }()

	g.Eventually(func() (waits bool, err error) {
		err = pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock')").Scan(&waits)
		return waits, err
	}).WithPolling(10 * time.Millisecond).Should(BeTrue())
	g.Expect(read(pool)).To(Equal(2), "another reader, while the first one still holds the table")
	g.Expect(migrated).NotTo(Receive())

	g.Expect(reader.Commit(t.Context())).To(Succeed())
	g.Eventually(migrated).Should(Receive(BeNil()))
}

// A failed migration is reported.
func TestMigrate_FailedMigration(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, schema)
	broken := fstest.MapFS{"00001_slots.sql": migrations["00001_slots.sql"], "00002_bad.sql": {Data: []byte("-- +goose Up\nSELECT nonsense;")}}
	g.Expect(postgres.Migrate(t.Context(), db.URL("course_service"), "course", broken)).To(MatchError(ContainSubstring("nonsense")))
	g.Expect(postgres.Migrate(t.Context(), "postgres://x@127.0.0.1:1/x", "course", migrations)).To(MatchError(ContainSubstring("connect")))
}

// Passwords let the roles in.
func TestBootstrap_Passwords(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, schema)
	g.Expect(postgres.Prepare(t.Context(), db.SuperuserURL(), map[string]string{"nobody_at_all": "x"})).
		To(MatchError(ContainSubstring("nobody_at_all")))
	g.Expect(postgres.Prepare(t.Context(), db.SuperuserURL(), map[string]string{"course_service": `back\slash`})).
		To(MatchError(ContainSubstring("backslash")))
}

// Schemas are closed to others.
func TestBootstrap_ForeignSchemas(t *testing.T) {
	t.Parallel()

	db := pgtest.NewDatabase(t, schema)
	for _, owner := range postgres.Owners() {
		t.Run(owner.Role, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			pool := db.Pool(t, owner.Role)

			_, err := pool.Exec(t.Context(), "SELECT * FROM course.slots")
			if owner.Schema == "course" {
				g.Expect(err).NotTo(HaveOccurred())

				return
			}

			g.Expect(err).To(MatchError(ContainSubstring("permission denied")))

			_, err = pool.Exec(t.Context(), "CREATE SCHEMA mine")
			g.Expect(err).To(MatchError(ContainSubstring("permission denied")))
		})
	}
}

// Open never shows the password.
func TestOpen_HidesPassword(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	_, err := postgres.Open(t.Context(), "postgres://u:hunter2@host:notaport/db")
	g.Expect(err).To(HaveOccurred())
	g.Expect(err.Error()).NotTo(ContainSubstring("hunter2"))
}

// Open does not wait for the database.
func TestOpen_DatabaseAway(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool, err := postgres.Open(t.Context(), "postgres://u@127.0.0.1:1/db?pool_max_conns=3")
	g.Expect(err).NotTo(HaveOccurred())

	defer pool.Close()

	g.Expect(pool.Config().MaxConns).To(BeEquivalentTo(3))

	_, err = pool.Exec(t.Context(), "SELECT 1")
	g.Expect(errs.Classify(err).Kind).To(Equal(errs.Unavailable), "a database that is not there is an outage")
}

// Slow statements end.
func TestOpen_StatementTimeout(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, schema)
	target, err := url.Parse(db.URL("course_service"))
	g.Expect(err).NotTo(HaveOccurred())

	query := target.Query()
	query.Set("statement_timeout", "50")
	target.RawQuery = query.Encode()
	pool, err := postgres.Open(t.Context(), target.String(), postgres.WithMaxConns(1))
	g.Expect(err).NotTo(HaveOccurred())

	defer pool.Close()

	_, err = pool.Exec(t.Context(), "SELECT pg_sleep(30)")
	g.Expect(errs.Classify(err).Kind).To(Equal(errs.Unavailable))
}

func TestWithDatabase(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	got, err := postgres.WithDatabase("postgres://a:b@host:1/postgres?sslmode=disable", "shema")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(Equal("postgres://a:b@host:1/shema?sslmode=disable"))

	_, err = postgres.WithDatabase("host=x", "shema")
	g.Expect(err).To(HaveOccurred())
}
