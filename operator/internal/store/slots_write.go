package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Every statement that alters or deletes says itself that the slot must be
// free, whatever was compared before.

func deleteSlots(ctx context.Context, tx pgx.Tx, _ Schedule, diff slotDiff) error {
	return exactly(ctx, tx, len(diff.remove), `
		DELETE FROM course.schedules WHERE id = ANY ($1) AND status = 'available'`, diff.remove)
}

func updateSlots(ctx context.Context, tx pgx.Tx, want Schedule, diff slotDiff) error {
	c := columnsOf(diff.alter)

	return exactly(ctx, tx, len(diff.alter), `
		UPDATE course.schedules s SET course_id = $5, starts_at = w.starts_at, ends_at = w.ends_at, time_zone = $6,
		       resource_namespace = $7, resource_name = $8, resource_uid = $9, resource_generation = $10,
		       identity_uid = nullif(w.identity, $9), withdrawn_at = NULL, updated_at = now()
		FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[]) AS w (id, starts_at, ends_at, identity)
		WHERE s.id = w.id AND s.status = 'available'`,
		c.ids, c.starts, c.ends, c.identities, diff.courseID, want.TimeZone, want.Namespace, want.Name, want.UID, want.Generation)
}

func insertSlots(ctx context.Context, tx pgx.Tx, want Schedule, diff slotDiff) error {
	c := columnsOf(diff.add)

	return exactly(ctx, tx, len(diff.add), `
		INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone,
		       resource_namespace, resource_name, resource_uid, resource_generation, identity_uid)
		SELECT w.id, $5, w.starts_at, w.ends_at, $6, $7, $8, $9, $10, nullif(w.identity, $9)
		FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[]) AS w (id, starts_at, ends_at, identity)`,
		c.ids, c.starts, c.ends, c.identities, diff.courseID, want.TimeZone, want.Namespace, want.Name, want.UID, want.Generation)
}

// markSlots records whose the rows are, from which generation, and whether they are
// withdrawn, held ones included; their lessons stay as they are.
func markSlots(ctx context.Context, tx pgx.Tx, want Schedule, diff slotDiff) error {
	ids := make([]uuid.UUID, len(diff.mark))
	identities := make([]string, len(diff.mark))

	withdraw := make([]bool, len(diff.mark))
	for i, mark := range diff.mark {
		ids[i], identities[i], withdraw[i] = mark.id, mark.identity, mark.withdraw
	}

	return exactly(ctx, tx, len(diff.mark), `
		UPDATE course.schedules s SET resource_namespace = $4, resource_name = $5, resource_uid = $6, resource_generation = $7,
		       identity_uid = nullif(w.identity, $6),
		       withdrawn_at = CASE WHEN w.withdraw THEN coalesce(s.withdrawn_at, now()) END
		FROM unnest($1::uuid[], $2::text[], $3::bool[]) AS w (id, identity, withdraw)
		WHERE s.id = w.id`,
		ids, identities, withdraw, want.Namespace, want.Name, want.UID, want.Generation)
}

// exactly runs a statement that must affect n rows, and none if n is 0.
func exactly(ctx context.Context, tx pgx.Tx, n int, sql string, args ...any) error {
	if n == 0 {
		return nil
	}

	tag, err := tx.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() != int64(n) {
		err = fmt.Errorf("%d slots were to be written, %d were", n, tag.RowsAffected())
	}

	return err
}

// slotColumns are slots as arrays, one for each column.
type slotColumns struct {
	ids          []uuid.UUID
	starts, ends []time.Time
	identities   []string
}

func columnsOf(slots []wantedSlot) slotColumns {
	var c slotColumns
	for _, slot := range slots {
		c.ids = append(c.ids, slot.ID)
		c.starts, c.ends = append(c.starts, slot.Start), append(c.ends, slot.End)
		c.identities = append(c.identities, slot.identity)
	}

	return c
}
