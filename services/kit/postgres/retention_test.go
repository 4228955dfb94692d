package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
)

func TestWritable_Retention(t *testing.T) {
	t.Parallel()

	pgtest.CheckRetention(t, func(t *testing.T) (*pgxpool.Pool, func(context.Context) error) {
		pool := pgtest.New(t, schema)
		return pool, func(ctx context.Context) error { return postgres.Writable(ctx, pool, "course") }
	}, pgtest.Retention{
		Table:  "readiness",
		Kept:   "one row",
		Rows:   "course.readiness",
		Column: "written_at",
	})
}
