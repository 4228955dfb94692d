package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/course/internal/course"
)

// Available returns slots that can be booked, by time, and the version of the catalogue
// that holds exactly them.
func (s *Store) Available(ctx context.Context, q course.AvailableQuery) (course.Page[course.Slot], course.Version, error) {
	var where conditions
	where.add("s.status = 'available' AND s.withdrawn_at IS NULL AND s.starts_at > now() AND " + published)
	whereCourse(&where, q.Course)
	whereBetween(&where, q.From, q.To)
	whereAfter(&where, q.After)
	sql := "SELECT " + slotColumns + " FROM course.schedules s JOIN course.courses c ON c.id = s.course_id" +
		where.where() + " ORDER BY s.starts_at, s.id" + where.limit(q.Limit)
	rows, at, err := snapshot(ctx, s, func(ctx context.Context, tx pgx.Tx) ([]slotRow, error) {
		if err := mustBePublished(ctx, tx, q.Course); err != nil {
			return nil, err
		}

		return list[slotRow](ctx, tx, sql, where.args...)
	})

	return slotPage(rows, q.Limit), at, err
}

// mustBePublished returns ErrNotFound for a course that is not; no course is fine.
func mustBePublished(ctx context.Context, q querier, id *uuid.UUID) error {
	if id == nil {
		return nil
	}

	found, err := scalar[bool](ctx, q, "SELECT EXISTS (SELECT FROM course.courses c WHERE c.id = $1 AND "+published+")", *id)
	if err == nil && !found {
		return courseerrs.NotFound
	}

	return err
}

// Slots returns slots of any course and status, by time.
func (s *Store) Slots(ctx context.Context, q course.SlotQuery) (course.Page[course.Slot], error) {
	var where conditions
	whereCourse(&where, q.Course)
	whereStatus(&where, q.Status)
	whereBetween(&where, q.From, q.To)
	whereAfter(&where, q.After)
	rows, err := list[slotRow](ctx, s.pool, "SELECT "+slotColumns+" FROM course.schedules s"+
		where.where()+" ORDER BY s.starts_at, s.id"+where.limit(q.Limit), where.args...)

	return slotPage(rows, q.Limit), err
}

func whereCourse(where *conditions, id *uuid.UUID) {
	if id != nil {
		where.add("s.course_id = ?", *id)
	}
}

// whereStatus spells the status out: each has an index of its own, which no parameter can choose.
func whereStatus(where *conditions, status course.SlotStatus) {
	switch status {
	case course.SlotAvailable:
		where.add("s.status = 'available'")
	case course.SlotReserved:
		where.add("s.status = 'reserved'")
	case course.SlotBooked:
		where.add("s.status = 'booked'")
	}
}

func whereBetween(where *conditions, from, to *time.Time) {
	if from != nil {
		where.add("s.starts_at >= ?", *from)
	}

	if to != nil {
		where.add("s.starts_at < ?", *to)
	}
}

func whereAfter(where *conditions, after *course.SlotKey) {
	if after != nil {
		where.add("(s.starts_at, s.id) > (?, ?)", after.StartsAt, after.ID)
	}
}

func slotPage(rows []slotRow, limit int) course.Page[course.Slot] {
	return course.CutSlots(course.Page[course.Slot]{Items: domains(rows)}, limit)
}
