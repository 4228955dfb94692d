package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/operator/internal/schedule"
)

// Every statement that alters or deletes says itself that the slot must be
// free, whatever was compared before.

func deleteSlots(ctx context.Context, tx pgx.Tx, _ Schedule, diff slotDiff) error {
	return exactly(ctx, tx, len(diff.remove), `
		DELETE FROM course.schedules WHERE id = ANY ($1) AND status = 'available'`, diff.remove)
}

func updateSlots(ctx context.Context, tx pgx.Tx, want Schedule, diff slotDiff) error {
	starts, ends := times(diff.alter)
	return exactly(ctx, tx, len(diff.alter), `
		UPDATE course.schedules s SET course_id = $4, starts_at = w.starts_at, ends_at = w.ends_at, time_zone = $5,
		       resource_namespace = $6, resource_name = $7, resource_uid = $8, resource_generation = $9,
		       updated_at = now()
		FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS w (id, starts_at, ends_at)
		WHERE s.id = w.id AND s.status = 'available'`,
		slotIDs(diff.alter), starts, ends, diff.courseID, want.TimeZone, want.Namespace, want.Name, want.UID, want.Generation)
}

func insertSlots(ctx context.Context, tx pgx.Tx, want Schedule, diff slotDiff) error {
	starts, ends := times(diff.add)
	return exactly(ctx, tx, len(diff.add), `
		INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone,
		       resource_namespace, resource_name, resource_uid, resource_generation)
		SELECT w.id, $4, w.starts_at, w.ends_at, $5, $6, $7, $8, $9
		FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS w (id, starts_at, ends_at)`,
		slotIDs(diff.add), starts, ends, diff.courseID, want.TimeZone, want.Namespace, want.Name, want.UID, want.Generation)
}

// touchSlots records the generation on rows that are right already, held ones
// included, so that an older generation is known to be stale.
func touchSlots(ctx context.Context, tx pgx.Tx, want Schedule, diff slotDiff) error {
	return exactly(ctx, tx, len(diff.touch), `
		UPDATE course.schedules SET resource_generation = $2 WHERE id = ANY ($1)`, diff.touch, want.Generation)
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

func times(slots []schedule.Slot) (starts, ends []time.Time) {
	for _, slot := range slots {
		starts, ends = append(starts, slot.Start), append(ends, slot.End)
	}
	return starts, ends
}

// RemoveSlots withdraws the slots of a Schedule for good: the free ones go at
// once, and the removal is complete when no booking holds a future one. Past
// slots with a booking stay as history.
func (s *Store) RemoveSlots(ctx context.Context, origin Origin, now time.Time) (Removal, error) {
	return s.withdrawSlots(ctx, origin, time.Time{}, now)
}

// SuspendSlots withdraws the free future slots of a Schedule that has no Course
// to be booked for.
func (s *Store) SuspendSlots(ctx context.Context, origin Origin, now time.Time) (Removal, error) {
	return s.withdrawSlots(ctx, origin, now, now)
}

// withdrawSlots deletes the free slots that start after from, and counts the
// future ones that a booking holds.
func (s *Store) withdrawSlots(ctx context.Context, origin Origin, from, now time.Time) (Removal, error) {
	var removal Removal
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		if removal, err = countLocked(ctx, tx, "resource_uid", origin.UID, now); err != nil {
			return err
		}
		removal.Counts.Available = 0
		courses, err := deleteFree(ctx, tx, origin.UID, from)
		if err != nil || len(courses) == 0 {
			return err
		}
		removal.Change = Withdrawn
		return s.announce(ctx, tx, kindSchedule, origin.Name, courses[0], now)
	})
	return removal, err
}

// deleteFree deletes the free slots of a Schedule that start after from, and
// returns the ids of their courses.
func deleteFree(ctx context.Context, tx pgx.Tx, uid string, from time.Time) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `
		DELETE FROM course.schedules WHERE resource_uid = $1 AND status = 'available' AND starts_at > $2
		RETURNING course_id`, uid, from)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}
