package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

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

// withdrawSlots deletes the free slots that start after from, counts the future ones
// that a booking holds, and marks those, so that they go when it gives them back.
func (s *Store) withdrawSlots(ctx context.Context, origin Origin, from, now time.Time) (Removal, error) {
	var removal Removal

	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		if removal, err = countLocked(ctx, tx, ofSchedule(origin), now); err != nil {
			return err
		}

		removal.Counts.Available = 0

		courses, err := deleteFree(ctx, tx, origin, from)
		if err != nil {
			return err
		}

		if err := markWithdrawn(ctx, tx, origin, now); err != nil || len(courses) == 0 {
			return err
		}

		removal.Change = Withdrawn

		return s.announce(ctx, tx, kindSchedule, origin.Name, courses[0], now)
	})

	return removal, err
}

// deleteFree deletes the free slots of a Schedule that start after from, and
// returns the ids of their courses.
func deleteFree(ctx context.Context, tx pgx.Tx, of Origin, from time.Time) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `
		DELETE FROM course.schedules
		WHERE (resource_uid = $1 OR resource_namespace = $2 AND resource_name = $3)
		  AND status = 'available' AND starts_at > $4
		RETURNING course_id`, of.UID, of.Namespace, of.Name, from)
	if err != nil {
		return nil, err
	}

	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

func markWithdrawn(ctx context.Context, tx pgx.Tx, of Origin, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE course.schedules SET withdrawn_at = now()
		WHERE (resource_uid = $1 OR resource_namespace = $2 AND resource_name = $3)
		  AND status <> 'available' AND starts_at > $4 AND withdrawn_at IS NULL`, of.UID, of.Namespace, of.Name, now)

	return err
}
