package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Counts says how many future slots are free and how many are held.
type Counts struct{ Available, Reserved, Booked int32 }

// Held is the number of slots that a booking holds.
func (c Counts) Held() int32 { return c.Reserved + c.Booked }

// Total is the number of slots, free or held.
func (c Counts) Total() int32 { return c.Available + c.Held() }

// Plus returns the sums.
func (c Counts) Plus(o Counts) Counts {
	return Counts{c.Available + o.Available, c.Reserved + o.Reserved, c.Booked + o.Booked}
}

func (c *Counts) add(status string, n int32) {
	switch status {
	case statusAvailable:
		c.Available += n
	case statusReserved:
		c.Reserved += n
	default:
		c.Booked += n
	}
}

const (
	statusAvailable = "available"
	statusReserved  = "reserved"
)

// CourseCounts counts the slots of a course that start after now.
func (s *Store) CourseCounts(ctx context.Context, id uuid.UUID, now time.Time) (Counts, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT status, count(*)::int FROM course.schedules WHERE course_id = $1 AND starts_at > $2 GROUP BY status`, id, now)
	if err != nil {
		return Counts{}, classify(err)
	}

	var (
		counts Counts
		status string
		n      int32
	)

	_, err = pgx.ForEachRow(rows, []any{&status, &n}, func() error {
		counts.add(status, n)
		return nil
	})

	return counts, classify(err)
}

// slotsOf is a condition that chooses slots; $1 is the present moment.
type slotsOf struct {
	where string
	args  []any
}

// ofCourse chooses the future slots of a course, and, before it is erased, those of
// the past that wait for a decision.
func ofCourse(id uuid.UUID, erase bool) slotsOf {
	return slotsOf{"course_id = $2 AND (starts_at > $1 OR $3 AND status = 'reserved')", []any{id, erase}}
}

// ofSchedule chooses the future slots of a Schedule.
func ofSchedule(o Origin) slotsOf {
	return slotsOf{
		"(resource_uid = $2 OR resource_namespace = $3 AND resource_name = $4) AND starts_at > $1",
		[]any{o.UID, o.Namespace, o.Name},
	}
}

// countLocked locks and counts slots, so that no reservation can slip in afterwards.
func countLocked(ctx context.Context, tx pgx.Tx, of slotsOf, now time.Time) (Removal, error) {
	rows, err := tx.Query(ctx, `
		SELECT status, CASE WHEN isfinite(starts_at) THEN starts_at ELSE 'epoch' END
		FROM course.schedules WHERE `+of.where+` ORDER BY id FOR UPDATE`, append([]any{now}, of.args...)...)
	if err != nil {
		return Removal{}, err
	}

	var (
		left   Removal
		start  time.Time
		status string
	)

	_, err = pgx.ForEachRow(rows, []any{&status, &start}, func() error {
		left.Counts.add(status, 1)

		if status != statusAvailable {
			left.hold(start)
		}

		return nil
	})

	return left, err
}
