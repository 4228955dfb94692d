package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/page"
)

// Available returns slots that can be booked, by time, and the version of the catalogue
// that holds exactly them.
func (s *Store) Available(ctx context.Context, q course.AvailableQuery) (course.Page[course.Slot], course.Version, error) {
	var where conditions
	where.add("s.status = 'available' AND s.starts_at > now() AND " + published)

	if q.Course != nil {
		where.add("s.course_id = ?", *q.Course)
	}

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
	if q.Course != nil {
		where.add("s.course_id = ?", *q.Course)
	}

	if q.Status != "" {
		where.add("s.status = ?", string(q.Status))
	}

	if q.From != nil {
		where.add("s.starts_at >= ?", *q.From)
	}

	if q.To != nil {
		where.add("s.starts_at < ?", *q.To)
	}

	whereAfter(&where, q.After)
	rows, err := list[slotRow](ctx, s.pool, "SELECT "+slotColumns+" FROM course.schedules s"+
		where.where()+" ORDER BY s.starts_at, s.id"+where.limit(q.Limit), where.args...)

	return slotPage(rows, q.Limit), err
}

func whereAfter(where *conditions, after *course.SlotKey) {
	if after != nil {
		where.add("(s.starts_at, s.id) > (?, ?)", after.StartsAt, after.ID)
	}
}

func slotPage(rows []slotRow, limit int) course.Page[course.Slot] {
	items, next := page.Cut(domains(rows), limit, func(s course.Slot) any {
		return course.SlotKey{StartsAt: s.StartsAt, ID: s.ID}
	})

	return course.Page[course.Slot]{Items: items, Next: next}
}
