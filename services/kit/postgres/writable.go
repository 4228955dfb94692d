package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// noRoomFor is how long a database counts as full after a statement has failed for that.
const noRoomFor = 10 * time.Second

// ErrNoRoom says that Postgres has lately had no room for what was to be written.
var ErrNoRoom = errors.New("postgres has no room to write")

// Writable fails unless something can be written into the schema: a database that answers may be read-only, and a full
// one may still have room for the one row that is written here, so what other statements met counts, too. While a
// service is not ready its sidecar hands no events to it, and none ends among the dead letters for that.
func Writable(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	_, err := pool.Exec(ctx, `INSERT INTO `+pgx.Identifier{schema, "readiness"}.Sanitize()+` (only_row) VALUES (true)
		ON CONFLICT (only_row) DO UPDATE SET written_at = now()`)
	if err != nil {
		return fmt.Errorf("write into the database: %w", err)
	}

	if watch := watchOf(pool); watch != nil && watch.full(time.Now()) {
		return ErrNoRoom
	}

	return nil
}

// roomWatch remembers when a statement last failed because the disk is full.
type roomWatch struct{ failed atomic.Int64 }

// TraceQueryStart is for pgx.
func (*roomWatch) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd is for pgx.
func (w *roomWatch) TraceQueryEnd(_ context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	var pg *pgconn.PgError
	if errors.As(data.Err, &pg) && pg.Code == "53100" {
		w.failed.Store(time.Now().UnixNano())
	}
}

func (w *roomWatch) full(now time.Time) bool {
	return now.Sub(time.Unix(0, w.failed.Load())) < noRoomFor
}

func watchOf(pool *pgxpool.Pool) *roomWatch {
	tracers, ok := pool.Config().ConnConfig.Tracer.(*multitracer.Tracer)
	if !ok {
		return nil
	}

	for _, tracer := range tracers.QueryTracers {
		if watch, ok := tracer.(*roomWatch); ok {
			return watch
		}
	}

	return nil
}
