package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Find implements booking.Store.
func (s *Store) Find(ctx context.Context, id uuid.UUID) (booking.Booking, error) {
	b, err := postgres.Maybe(ctx, s.pool, scan, `SELECT `+columns+` FROM booking.bookings WHERE id = $1`, id)
	if err != nil {
		return booking.Booking{}, fmt.Errorf("find a booking: %w", err)
	}

	if b == nil {
		return booking.Booking{}, bookingerrs.NotFound
	}

	return *b, nil
}

// List implements booking.Store.
func (s *Store) List(ctx context.Context, f booking.Filter) ([]booking.Booking, error) {
	order, beyond := "DESC", "<"
	if f.OldestFirst {
		order, beyond = "ASC", ">"
	}

	var where postgres.Conditions
	where.Add("status <> 'holding'")
	postgres.AddIf(&where, "user_id = ?", f.UserID)
	postgres.AddIf(&where, "course_id = ?", f.CourseID)
	postgres.AddSpelled(&where, "status = ?", f.Status, booking.Pending) // few among all
	postgres.AddIf(&where, "created_at >= ?", f.From)
	postgres.AddIf(&where, "created_at < ?", f.To)

	if f.After != nil {
		where.Add("(created_at, id) "+beyond+" (?, ?)", f.After.At, f.After.ID)
	}

	found, err := s.list(ctx, &where, "created_at "+order+", id "+order, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list bookings: %w", err)
	}

	return found, nil
}

// byLesson is the order of lessons.
const byLesson = "lesson_starts_at, id"

// list returns up to limit bookings that fulfil the conditions, in that order.
func (s *Store) list(ctx context.Context, where *postgres.Conditions, order string, limit int) ([]booking.Booking, error) {
	sql := `SELECT ` + columns + ` FROM booking.bookings` + where.Where() + ` ORDER BY ` + order + ` LIMIT ` + where.Value(limit)

	return postgres.List(ctx, s.pool, scan, sql, where.Args()...)
}

// CountPending implements booking.Store.
func (s *Store) CountPending(ctx context.Context) (count int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM booking.bookings WHERE status = 'pending'`).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("count pending bookings: %w", err)
	}

	return count, nil
}
