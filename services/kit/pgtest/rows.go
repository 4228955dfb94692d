package pgtest

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// OneConnection returns a pool like the given one with a single connection, of which RowsRead knows everything at once.
func OneConnection(t testing.TB, like *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()

	config := like.Config().Copy()
	config.MaxConns = 1

	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatalf("open a pool of one connection: %v", err)
	}

	t.Cleanup(pool.Close)

	return pool
}

// RowsRead returns how many rows of a table have been read since the database was made, on whatever way, by connections
// that have ended and by that of the pool, which is one of OneConnection. For questions that must not go through a table.
func RowsRead(t testing.TB, pool *pgxpool.Pool, table string) int64 {
	t.Helper()

	if _, err := pool.Exec(t.Context(), "SELECT pg_stat_force_next_flush()"); err != nil {
		t.Fatalf("have what was read counted: %v", err)
	}

	var rows int64

	err := pool.QueryRow(t.Context(), `SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables
		WHERE relid = $1::text::regclass`, table).Scan(&rows)
	if err != nil {
		t.Fatalf("count the rows read of %s: %v", table, err)
	}

	return rows
}
