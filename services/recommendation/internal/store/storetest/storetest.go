// Package storetest gives a test a recommendation store on a database of its own.
package storetest

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/recommendation/internal/store"
	"github.com/shema-music/shema/services/recommendation/migrations"
)

// PerMinute is the budget of a person in tests.
const PerMinute = 20

// Database is a migrated database with a store.
type Database struct {
	Pool  *pgxpool.Pool
	Store *store.Store
}

// New returns a database that lives as long as the test.
func New(t *testing.T) *Database {
	t.Helper()
	pool := pgtest.New(t, pgtest.Schema{Name: store.Schema, Role: store.Role, Migrations: migrations.Files})
	return &Database{Pool: pool, Store: store.New(pool, PerMinute)}
}
