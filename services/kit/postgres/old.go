package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// oldBatch is how many rows one statement deletes: each ends long before the limit of a statement.
const oldBatch = 1000

// Old are rows of a table that are kept for some time: those whose column, which has an index, is older than Kept go. The
// names are written into statements as they are.
type Old struct {
	Table, Column string
	Kept          time.Duration
	// Where narrows the rows and begins with AND; empty means all.
	Where string
}

// Executor runs statements: a pool, a connection or a transaction.
type Executor interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// DeleteOld deletes old rows in batches. Replicas may do it at once: each leaves the other's rows alone.
func DeleteOld(ctx context.Context, db Executor, all ...Old) error {
	for _, o := range all {
		if err := o.delete(ctx, db); err != nil {
			return fmt.Errorf("delete old rows of %s: %w", o.Table, err)
		}
	}

	return nil
}

// delete asks for what is older than now(), which is one moment: of clock_timestamp(), another at each row, no index knows.
func (o *Old) delete(ctx context.Context, db Executor) error {
	sql := fmt.Sprintf(`DELETE FROM %[1]s WHERE ctid = ANY (ARRAY(
		SELECT ctid FROM %[1]s WHERE %[2]s < now() - $1::interval %[3]s LIMIT $2 FOR UPDATE SKIP LOCKED))`,
		o.Table, o.Column, o.Where)

	for {
		tag, err := db.Exec(ctx, sql, o.Kept, oldBatch)
		if err != nil || tag.RowsAffected() < oldBatch {
			return err
		}
	}
}
