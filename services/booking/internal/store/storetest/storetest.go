// Package storetest gives a test a booking store on a database of its own, and looks behind it.
package storetest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/store"
	"github.com/shema-music/shema/services/booking/migrations"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
)

// Database is a migrated database with a store.
type Database struct {
	Pool  *pgxpool.Pool
	Store *store.Store
}

// New returns a database that lives as long as the test.
func New(t *testing.T) *Database {
	t.Helper()
	pool := pgtest.New(t, pgtest.Schema{Name: store.Schema, Role: store.Role, Migrations: migrations.Files})
	inserter, err := outbox.NewInserter(pool, store.Schema, slog.New(slog.DiscardHandler))
	must(t, err)

	return &Database{Pool: pool, Store: store.New(pool, inserter)}
}

// Exec runs a statement as the service's role.
func (d *Database) Exec(t *testing.T, sql string, args ...any) {
	t.Helper()

	_, err := d.Pool.Exec(context.Background(), sql, args...)
	must(t, err)
}

// All returns every booking in every status.
func (d *Database) All(t *testing.T) []booking.Booking {
	t.Helper()
	ids := column[uuid.UUID](t, d.Pool, `SELECT id FROM booking.bookings ORDER BY id`)

	bookings := make([]booking.Booking, len(ids))
	for i, id := range ids {
		b, err := d.Store.Find(context.Background(), id)
		must(t, err)

		bookings[i] = b
	}

	return bookings
}

// Topics returns the topics of the events about a booking, in order.
func (d *Database) Topics(t *testing.T, id uuid.UUID) []string {
	t.Helper()

	return column[string](t, d.Pool, `
		SELECT topic FROM booking.outbox_events
		WHERE data->>'bookingId' = $1 ORDER BY seq`, id.String())
}

// Events returns the events about a booking, in order.
func (d *Database) Events(t *testing.T, id uuid.UUID) []bookingevents.Booking {
	t.Helper()

	return column[bookingevents.Booking](t, d.Pool, `
		SELECT data FROM booking.outbox_events
		WHERE data->>'bookingId' = $1 ORDER BY seq`, id.String())
}

// Backdate moves a booking's deadline to the past, as an operator might.
func (d *Database) Backdate(t *testing.T, id uuid.UUID) {
	t.Helper()
	d.Exec(t, `UPDATE booking.bookings SET expires_at = now() - interval '1 second' WHERE id = $1`, id)
}

func column[T any](t *testing.T, pool *pgxpool.Pool, sql string, args ...any) []T {
	t.Helper()

	rows, err := pool.Query(context.Background(), sql, args...)
	must(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[T])
	must(t, err)

	return found
}

func must(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}
