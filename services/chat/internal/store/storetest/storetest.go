// Package storetest gives a test a chat store on a database of its own, and looks behind it.
package storetest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/chat/internal/store"
	"github.com/shema-music/shema/services/chat/migrations"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
)

// Database is a migrated database with a store.
type Database struct {
	Pool  *pgxpool.Pool
	Store *store.Store
}

// New returns a database that lives as long as the test.
func New(t testing.TB) *Database {
	t.Helper()
	pool := pgtest.New(t, pgtest.Schema{Name: store.Schema, Role: store.Role, Migrations: migrations.Files})
	inserter, err := outbox.NewInserter(pool, store.Schema, slog.New(slog.DiscardHandler))
	must(t, err)

	return &Database{Pool: pool, Store: store.New(pool, inserter, clock.System{})}
}

// Exec runs a statement as the service's role.
func (d *Database) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()

	_, err := d.Pool.Exec(context.Background(), sql, args...)
	must(t, err)
}

// Backdate makes a session as old as one in which nothing has happened for that many minutes.
func (d *Database) Backdate(t testing.TB, id uuid.UUID, minutes int) {
	t.Helper()
	d.Exec(t, `UPDATE chat.chat_sessions SET last_activity_at = now() - make_interval(mins => $2) WHERE id = $1`, id, minutes)
}

// Seqs returns the numbers of a session's messages, in order.
func (d *Database) Seqs(t testing.TB, id uuid.UUID) []int64 {
	t.Helper()
	return column[int64](t, d.Pool, `SELECT seq FROM chat.chat_messages WHERE session_id = $1 ORDER BY seq`, id)
}

// Unpublished returns the numbers of the messages whose events wait.
func (d *Database) Unpublished(t testing.TB, id uuid.UUID) []int64 {
	t.Helper()

	return column[int64](t, d.Pool, `
		SELECT seq FROM chat.unpublished_messages JOIN chat.chat_messages m ON m.id = message_id
		WHERE session_id = $1 ORDER BY seq`, id)
}

// Jobs returns the arguments of the jobs of a kind, in their order.
func (d *Database) Jobs(t testing.TB, kind string) []string {
	t.Helper()
	return column[string](t, d.Pool, `SELECT args::text FROM chat.river_job WHERE kind = $1 ORDER BY id`, kind)
}

func column[T any](t testing.TB, pool *pgxpool.Pool, sql string, args ...any) []T {
	t.Helper()

	rows, err := pool.Query(context.Background(), sql, args...)
	must(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[T])
	must(t, err)

	return found
}

func must(t testing.TB, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}
