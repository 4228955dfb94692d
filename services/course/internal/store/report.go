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

// grouping is the SQL by which slots are counted, and then of the join, the key and its place in the order; $1 is the time
// zone. Slots are many, and what they are counted by is few: quarters of an hour, because to bring every slot's time into a
// time zone costs more than the rest, and the hours of all zones begin with one of them.
type grouping struct{ by, join, key, order string }

const joinCourses = "JOIN course.courses c ON c.id = grouped"

var groupings = map[course.Grouping]grouping{
	course.ByCourse:  {"course_id", joinCourses, "c.name", "c.name"},
	course.ByTeacher: {"course_id", joinCourses, "coalesce(c.teacher, '')", "coalesce(c.teacher, '')"},
	course.ByWeekdayHour: {
		"date_bin('15 minutes', starts_at, timestamptz 'epoch')", "",
		"to_char(grouped AT TIME ZONE $1, 'FMday FMHH24')", "to_char(grouped AT TIME ZONE $1, 'ID HH24')",
	},
}

// Occupancy counts slots by course, teacher or time of the week, of all courses that there are, archived ones too.
func (s *Store) Occupancy(ctx context.Context, q course.OccupancyQuery) ([]course.Occupancy, error) {
	g := groupings[q.By]

	return postgres.List(ctx, s.pool, pgx.RowToStructByName[course.Occupancy], `
		SELECT `+g.key+` AS key, sum(slots)::bigint AS slots, sum(reserved)::bigint AS reserved, sum(booked)::bigint AS booked
		FROM (
			SELECT `+g.by+` AS grouped, count(*) AS slots, count(*) FILTER (WHERE status = 'reserved') AS reserved,
				count(*) FILTER (WHERE status = 'booked') AS booked
			FROM course.schedules
			WHERE $1::text IS NOT NULL
				AND starts_at >= coalesce($2, least($3, now()) - interval '90 days') AND ($3::timestamptz IS NULL OR starts_at < $3)
			GROUP BY 1) AS counted
		`+g.join+`
		GROUP BY `+g.key+`, `+g.order+` ORDER BY `+g.order, q.Zone, q.From, q.To)
}
