package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Version is the state of the catalogue at a moment.
type Version struct {
	// Number grows with every change of a course or a slot by any writer.
	Number int64
	// At is the database's time.
	At time.Time
}

// Version returns the version of the catalogue.
func (s *Store) Version(ctx context.Context) (Version, error) {
	var v Version

	err := s.pool.QueryRow(ctx, "SELECT version, now() FROM course.catalog_version").Scan(&v.Number, &v.At)

	return v, classify(err)
}

// ChangedCourses returns the courses with slots that were written after the database's
// time since, and those with withdrawn slots, which the course service deletes when
// their bookings end.
func (s *Store) ChangedCourses(ctx context.Context, since time.Time) (written, withdrawing []uuid.UUID, err error) {
	rows, err := s.pool.Query(ctx, `
		SELECT course_id, withdrawn_at IS NOT NULL FROM course.schedules WHERE updated_at > $1
		UNION
		SELECT course_id, true FROM course.schedules WHERE withdrawn_at IS NOT NULL`, since)
	if err != nil {
		return nil, nil, classify(err)
	}

	var (
		id        uuid.UUID
		withdrawn bool
	)

	_, err = pgx.ForEachRow(rows, []any{&id, &withdrawn}, func() error {
		written = append(written, id)
		if withdrawn {
			withdrawing = append(withdrawing, id)
		}

		return nil
	})

	return written, withdrawing, classify(err)
}

// Tally counts the future slots that a Schedule has in a course.
type Tally struct {
	// CourseID, CourseNamespace and CourseName are those of the course.
	CourseID                    uuid.UUID
	CourseNamespace, CourseName string
	// Namespace and Name are those of the Schedule.
	Namespace, Name string
	Counts          Counts
	// Next is the start of the first of these slots, at which the counts will change
	// by themselves.
	Next time.Time
}

// Tallies counts the slots that start after now, of these courses, or of all if courses
// is nil.
func (s *Store) Tallies(ctx context.Context, now time.Time, courses []uuid.UUID) ([]Tally, error) {
	// Spelled out: a plan for both would read all slots for those of one course.
	ofCourses, args := "", []any{now}
	if courses != nil {
		ofCourses, args = " AND course_id = ANY ($2)", append(args, courses)
	}

	rows, err := s.pool.Query(ctx, `
		SELECT c.id, c.resource_namespace, c.name, s.resource_namespace, s.resource_name,
		       s.available, s.reserved, s.booked, s.next
		FROM (SELECT course_id, resource_namespace, resource_name,
		             count(*) FILTER (WHERE status = 'available')::int AS available,
		             count(*) FILTER (WHERE status = 'reserved')::int AS reserved,
		             count(*) FILTER (WHERE status = 'booked')::int AS booked, min(starts_at) AS next
		      FROM course.schedules
		      WHERE starts_at > $1 AND starts_at < 'infinity'`+ofCourses+`
		      GROUP BY 1, 2, 3) s
		JOIN course.courses c ON c.id = s.course_id
		ORDER BY c.id, 4, 5`, args...)
	if err != nil {
		return nil, classify(err)
	}

	tallies, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Tally, error) {
		var t Tally

		err := row.Scan(&t.CourseID, &t.CourseNamespace, &t.CourseName, &t.Namespace, &t.Name,
			&t.Counts.Available, &t.Counts.Reserved, &t.Counts.Booked, &t.Next)

		return t, err
	})

	return tallies, classify(err)
}
