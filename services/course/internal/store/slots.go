package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Available returns slots that can be booked, by time, and the version of the catalogue
// that holds exactly them.
func (s *Store) Available(ctx context.Context, q course.AvailableQuery) (course.Page[course.Slot], course.Version, error) {
	var where postgres.Conditions
	where.Add("s.status = 'available' AND s.withdrawn_at IS NULL AND s.starts_at > now() AND " + published)
	postgres.AddIf(&where, "s.course_id = ?", q.Course)
	postgres.AddIf(&where, "s.starts_at >= ?", q.From)
	postgres.AddIf(&where, "s.starts_at < ?", q.To)
	whereAfter(&where, q.After)

	sql := "SELECT " + slotColumns + " FROM course.schedules s JOIN course.courses c ON c.id = s.course_id" +
		where.Where() + " ORDER BY s.starts_at, s.id LIMIT " + where.Value(q.Limit+1)

	rows, at, err := snapshot(ctx, s, func(ctx context.Context, tx pgx.Tx) ([]slotRow, error) {
		if err := mustBePublished(ctx, tx, q.Course); err != nil {
			return nil, err
		}

		return postgres.List(ctx, tx, pgx.RowToStructByName[slotRow], sql, where.Args()...)
	})

	return slotPage(rows, q.Limit), at, err
}

// mustBePublished returns ErrNotFound for a course that is not; no course is fine.
func mustBePublished(ctx context.Context, q postgres.Querier, id *uuid.UUID) error {
	if id == nil {
		return nil
	}

	found, err := postgres.One(ctx, q, pgx.RowTo[bool],
		"SELECT EXISTS (SELECT FROM course.courses c WHERE c.id = $1 AND "+published+")", *id)
	if err == nil && !found {
		return courseerrs.NotFound
	}

	return err
}

// Slots returns slots of any course and status, by time.
func (s *Store) Slots(ctx context.Context, q course.SlotQuery) (course.Page[course.Slot], error) {
	var where postgres.Conditions
	postgres.AddIf(&where, "s.course_id = ?", q.Course)
	whereStatus(&where, q.Status)
	postgres.AddIf(&where, "s.starts_at >= ?", q.From)
	postgres.AddIf(&where, "s.starts_at < ?", q.To)
	whereAfter(&where, q.After)

	sql := "SELECT " + slotColumns + " FROM course.schedules s" + where.Where() +
		" ORDER BY s.starts_at, s.id LIMIT " + where.Value(q.Limit+1)

	rows, err := postgres.List(ctx, s.pool, pgx.RowToStructByName[slotRow], sql, where.Args()...)

	return slotPage(rows, q.Limit), err
}

// whereStatus spells the status out: each has an index of its own, which no parameter can choose.
func whereStatus(where *postgres.Conditions, status course.SlotStatus) {
	switch status {
	case course.SlotAvailable:
		where.Add("s.status = 'available'")
	case course.SlotReserved:
		where.Add("s.status = 'reserved'")
	case course.SlotBooked:
		where.Add("s.status = 'booked'")
	}
}

func whereAfter(where *postgres.Conditions, after *course.SlotKey) {
	if after != nil {
		where.Add("(s.starts_at, s.id) > (?, ?)", after.StartsAt, after.ID)
	}
}

func slotPage(rows []slotRow, limit int) course.Page[course.Slot] {
	return course.CutSlots(course.Page[course.Slot]{Items: domains(rows)}, limit)
}
