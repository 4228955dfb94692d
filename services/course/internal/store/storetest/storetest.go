// Package storetest gives tests a school to play with, on a database of their own.
package storetest

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/pgtest"
)

// Schema is the schema course as production has it.
func Schema() pgtest.Schema {
	return pgtest.Schema{Name: "course", Role: "course_service", Migrations: migrations.Files}
}

// School is a database with a catalogue. Service and Operator are connected as the two
// roles that write it.
type School struct {
	Service, Operator *pgxpool.Pool

	tb testing.TB
}

// NewSchool returns an empty one.
func NewSchool(tb testing.TB) *School {
	tb.Helper()
	db := pgtest.NewDatabase(tb, Schema())
	return &School{Service: db.Pool(tb, "course_service"), Operator: db.Pool(tb, "catalog_operator"), tb: tb}
}

// Exec runs SQL as the given role, or ends the test.
func (s *School) Exec(pool *pgxpool.Pool, sql string, args ...any) {
	s.tb.Helper()

	if _, err := pool.Exec(s.tb.Context(), sql, args...); err != nil {
		s.tb.Fatalf("%s: %v", sql, err)
	}
}

// Course adds a published course with the given name and title, as the operator does.
func (s *School) Course(name, title string) uuid.UUID {
	s.tb.Helper()

	id := uuid.Must(uuid.NewV7())
	s.Exec(s.Operator, `INSERT INTO course.courses (id, name, title, description, instrument, level, price_category,
			price, currency, teacher, available_days, resource_namespace, resource_uid, resource_generation)
		VALUES ($1, $2, $3, 'First steps', 'piano', 'beginner', 'low', 350000, 'IDR', 'Ibu Sari', '{monday,wednesday}',
			'school', $2, 1)`, id, name, title)

	return id
}

// Slot adds a slot of one hour that begins in the given time from now, as the operator
// does.
func (s *School) Slot(course uuid.UUID, in time.Duration) uuid.UUID {
	s.tb.Helper()

	id := uuid.New()
	s.Exec(s.Operator, `INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone,
			resource_namespace, resource_name, resource_uid, resource_generation)
		SELECT $1, $2, t, t + interval '1 hour', 'Asia/Jakarta', 'school', 's', 's', 1
		FROM (SELECT date_trunc('milliseconds', now()) + $3::interval AS t) AS start`, id, course, in)

	return id
}

// Slots adds n slots, an hour apart, the first of them in an hour.
func (s *School) Slots(course uuid.UUID, n int) []uuid.UUID {
	s.tb.Helper()

	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = s.Slot(course, time.Duration(i+1)*time.Hour)
	}

	return ids
}

// Violations counts the slots that are not held as their bookings' reservations say:
// both slots of a reserved booking, the chosen one of a confirmed booking, and no other.
func (s *School) Violations() int {
	s.tb.Helper()

	const sql = `
		WITH said AS (
			SELECT unnest(slot_ids) AS slot, booking_id, 'reserved' AS status FROM course.reservations WHERE state = 'reserved'
			UNION ALL
			SELECT confirmed_slot_id, booking_id, 'booked' FROM course.reservations WHERE state = 'confirmed'),
		held AS (SELECT id AS slot, booking_id, status FROM course.schedules WHERE status <> 'available')
		SELECT count(*) FROM ((TABLE said EXCEPT ALL TABLE held) UNION ALL (TABLE held EXCEPT ALL TABLE said)) AS different`

	var count int
	if err := s.Service.QueryRow(s.tb.Context(), sql).Scan(&count); err != nil {
		s.tb.Fatalf("count violations: %v", err)
	}

	return count
}
