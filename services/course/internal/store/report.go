package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Teachers returns the addresses of the courses' teachers; unknown ids are left out.
func (s *Store) Teachers(ctx context.Context, courses []uuid.UUID) ([]course.Teacher, error) {
	return postgres.List(ctx, s.pool, pgx.RowToStructByName[course.Teacher], `
		SELECT id AS course_id, teacher_email AS email FROM course.courses WHERE id = ANY($1) ORDER BY id`, courses)
}

// grouping is the SQL of a key and of its place in the order; $1 is the time zone.
type grouping struct{ key, order string }

var groupings = map[course.Grouping]grouping{
	course.ByCourse:  {"c.name", "c.name"},
	course.ByTeacher: {"coalesce(c.teacher, '')", "coalesce(c.teacher, '')"},
	course.ByWeekdayHour: {
		"to_char(s.starts_at AT TIME ZONE $1, 'FMday FMHH24')",
		"to_char(s.starts_at AT TIME ZONE $1, 'ID HH24')",
	},
}

// Occupancy counts slots by course, teacher or time of the week, of all courses that there are, archived ones too.
func (s *Store) Occupancy(ctx context.Context, q course.OccupancyQuery) ([]course.Occupancy, error) {
	by := groupings[q.By]

	return postgres.List(ctx, s.pool, pgx.RowToStructByName[course.Occupancy], `
		SELECT `+by.key+` AS key, count(*) AS slots, count(*) FILTER (WHERE s.status = 'reserved') AS reserved,
			count(*) FILTER (WHERE s.status = 'booked') AS booked
		FROM course.schedules s JOIN course.courses c ON c.id = s.course_id
		WHERE $1::text IS NOT NULL
			AND s.starts_at >= coalesce($2, now() - interval '90 days') AND ($3::timestamptz IS NULL OR s.starts_at < $3)
		GROUP BY `+by.key+`, `+by.order+` ORDER BY `+by.order, q.Zone, q.From, q.To)
}
