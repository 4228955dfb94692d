// Package pgtest gives each test its own migrated database on a real Postgres.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/postgres"
)

// setupTimeout bounds what a test may wait for its database, a busy machine included.
const setupTimeout = 2 * time.Minute

// Schema is one service's part of the database.
type Schema struct {
	// Name of the schema, for example booking; Role owns it and is who the tests are.
	Name, Role string
	// Migrations are the service's goose files.
	Migrations fs.FS
}

// New returns a pool on a database of the test's own, in which the schema is migrated, connected as the schema's role:
// what that role may not do in production fails here too. Tests may run in parallel. Needs TEST_DATABASE_URL, a
// superuser's URL; without it the test fails.
func New(t testing.TB, s Schema) *pgxpool.Pool {
	t.Helper()
	return NewDatabase(t, s).Pool(t, s.Role)
}

// Database is a test's own database.
type Database struct{ superuserURL string }

// NewDatabase makes a database in which all the given schemas are migrated, in that order. It is dropped with the test.
func NewDatabase(t testing.TB, schemas ...Schema) *Database {
	t.Helper()

	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()

	server := serverURL(t)

	name := testPrefix + strings.ToLower(rand.Text())
	if err := createFromTemplate(ctx, server, name, schemas); err != nil {
		t.Fatalf("make a test database: %v", err)
	}

	t.Cleanup(func() { drop(t, server, name) })

	target, err := postgres.WithDatabase(server, name)
	if err != nil {
		t.Fatalf("TEST_DATABASE_URL: %v", err)
	}

	return &Database{superuserURL: target}
}

// SuperuserURL returns the URL of the database for what the service's role may not do.
func (d *Database) SuperuserURL() string { return d.superuserURL }

// URL returns a URL of the database with which one is the given role, with that role's search path, but no password.
func (d *Database) URL(role string) string {
	parsed, err := url.Parse(d.superuserURL)
	if err != nil {
		return d.superuserURL
	}

	query := parsed.Query()
	query.Set("role", role)

	for _, owner := range postgres.Owners() {
		if owner.Role == role && owner.Schema != "" {
			query.Set("search_path", owner.Schema)
		}
	}

	parsed.RawQuery = query.Encode()

	return parsed.String()
}

// Pool opens a pool as the given role; it closes with the test.
func (d *Database) Pool(t testing.TB, role string) *pgxpool.Pool {
	t.Helper()

	pool, err := postgres.Open(context.Background(), d.URL(role), watchPlans(t))
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}

	t.Cleanup(pool.Close)

	return pool
}

func serverURL(t testing.TB) string {
	t.Helper()

	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		t.Fatal("this test needs a Postgres: set TEST_DATABASE_URL to a superuser's URL, " +
			"for example postgres://postgres@127.0.0.1:5432/postgres, or run `make test`, which brings one")
	}

	return server
}

func drop(t testing.TB, server, name string) {
	t.Helper()

	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()

	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Errorf("drop the test database: %v", err)
		return
	}

	defer func() { _ = conn.Close(ctx) }()

	if err := dropDatabase(ctx, conn, name); err != nil {
		t.Errorf("drop the test database: %v", err)
	}
}

func dropDatabase(ctx context.Context, conn *pgx.Conn, name string) error {
	_, err := conn.Exec(ctx, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", pgx.Identifier{name}.Sanitize()))
	return err
}
