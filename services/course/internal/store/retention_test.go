package store_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/course/internal/store"
	"github.com/shema-music/shema/services/course/internal/store/storetest"
	"github.com/shema-music/shema/services/kit/pgtest"
)

const (
	// archived is a course that was taken back; only the operator deletes courses.
	archived = `INSERT INTO course.courses (id, name, title, instrument, level, price_category, archived_at,
			resource_namespace, resource_uid, resource_generation)
		VALUES (gen_random_uuid(), 'piano', 'Piano', 'piano', 'beginner', 'low', now(), 'school', 'uid', 1)`
	freeSlot = `INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone,
			resource_namespace, resource_name, resource_uid, resource_generation)
		SELECT gen_random_uuid(), id, now(), now() + interval '1 hour', 'Asia/Jakarta', 'school', 'mondays', 'uid', 1
		FROM course.courses`
	olderSlot = `UPDATE course.schedules SET starts_at = starts_at - $1::interval, ends_at = ends_at - $1::interval`
)

func TestStore_Tidy_Retention(t *testing.T) {
	t.Parallel()

	pgtest.CheckRetention(t, func(t *testing.T) (*pgxpool.Pool, func(context.Context) error) {
		pool := pgtest.New(t, storetest.Schema())
		return pool, store.New(pool).Tidy
	}, []pgtest.Retention{
		{
			Table: "course.courses",
			Kept:  "as long as the resource",
			Make:  []string{archived},
			Move: `UPDATE course.courses SET archived_at = archived_at - $1::interval, updated_at = updated_at - $1::interval,
				created_at = created_at - $1::interval`,
		},
		{
			Table: "course.schedules",
			Kept:  "90 days",
			Make:  []string{archived, freeSlot},
			Move:  olderSlot,
		},
		{
			Table: "course.schedules",
			Kept:  "others for ever",
			Make:  []string{archived, freeSlot, `UPDATE course.schedules SET status = 'booked', booking_id = gen_random_uuid()`},
			Move:  olderSlot,
		},
		{
			Table:  "course.reservations",
			Kept:   "90 days",
			Make:   []string{`INSERT INTO course.reservations (booking_id, state) VALUES (gen_random_uuid(), 'released')`},
			Column: "updated_at",
		},
		{
			Table:  "course.reservations",
			Kept:   "others as long as their booking",
			Make:   []string{`INSERT INTO course.reservations (booking_id, state) VALUES (gen_random_uuid(), 'confirmed')`},
			Column: "updated_at",
		},
		{
			Table: "course.catalog_version",
			Kept:  "for ever",
		},
	}...)
}
