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
		return Counts{}, sorted(err)
	}
	var counts Counts
	var status string
	var n int32
	_, err = pgx.ForEachRow(rows, []any{&status, &n}, func() error {
		counts.add(status, n)
		return nil
	})
	return counts, sorted(err)
}

// countLocked locks and counts the slots that start after now and whose column
// has this value, so that no reservation can slip in afterwards.
func countLocked(ctx context.Context, tx pgx.Tx, column string, value any, now time.Time) (Removal, error) {
	rows, err := tx.Query(ctx, `
		SELECT status, starts_at FROM course.schedules
		WHERE `+pgx.Identifier{column}.Sanitize()+` = $1 AND starts_at > $2 ORDER BY id FOR UPDATE`, value, now)
	if err != nil {
		return Removal{}, err
	}
	var left Removal
	var start time.Time
	var status string
	_, err = pgx.ForEachRow(rows, []any{&status, &start}, func() error {
		left.Counts.add(status, 1)
		if status != statusAvailable {
			left.hold(start)
		}
		return nil
	})
	return left, err
}

// Tally counts the future slots of one resource.
type Tally struct {
	// Kind is Course or Schedule.
	Kind, Namespace, Name string
	Counts                Counts
}

// Tallies counts the slots that start after now, per Schedule and per Course,
// and returns the start of the earliest one, at which the counts will change by
// themselves; it is zero when there is none.
func (s *Store) Tallies(ctx context.Context, now time.Time) ([]Tally, time.Time, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT 'Schedule' AS kind, resource_namespace, resource_name, status, count(*)::int, min(starts_at)
		FROM course.schedules WHERE starts_at > $1 GROUP BY 2, 3, 4
		UNION ALL
		SELECT 'Course', c.resource_namespace, c.name, s.status, count(*)::int, min(s.starts_at)
		FROM course.schedules s JOIN course.courses c ON c.id = s.course_id WHERE s.starts_at > $1 GROUP BY 2, 3, 4
		ORDER BY 1, 2, 3`, now)
	if err != nil {
		return nil, time.Time{}, sorted(err)
	}
	var tallies []Tally
	var earliest, first time.Time
	var next Tally
	var status string
	var n int32
	_, err = pgx.ForEachRow(rows, []any{&next.Kind, &next.Namespace, &next.Name, &status, &n, &first}, func() error {
		tallies = tallied(tallies, next, status, n)
		if earliest.IsZero() || first.Before(earliest) {
			earliest = first
		}
		return nil
	})
	return tallies, earliest, sorted(err)
}

// tallied adds a count to the last tally if it is of the same resource.
func tallied(tallies []Tally, next Tally, status string, n int32) []Tally {
	last := len(tallies) - 1
	if last < 0 || tallies[last].Kind != next.Kind || tallies[last].Namespace != next.Namespace || tallies[last].Name != next.Name {
		tallies = append(tallies, next)
		last++
	}
	tallies[last].Counts.add(status, n)
	return tallies
}

// Version returns the version of the catalogue, which grows with every change
// of a course or a slot, whoever makes it.
func (s *Store) Version(ctx context.Context) (int64, error) {
	var version int64
	err := s.pool.QueryRow(ctx, "SELECT version FROM course.catalog_version").Scan(&version)
	return version, sorted(err)
}
