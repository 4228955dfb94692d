package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
)

// Find implements booking.Store.
func (s *Store) Find(ctx context.Context, id uuid.UUID) (booking.Booking, error) {
	b, err := first(ctx, s.pool, `SELECT `+columns+` FROM booking.bookings WHERE id = $1`, id)
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
	where := []string{"status <> 'holding'"}
	args := pgx.NamedArgs{"limit": f.Limit}

	order, beyond := "DESC", "<"
	if f.OldestFirst {
		order, beyond = "ASC", ">"
	}

	demand := func(condition, name string, value any) {
		where, args[name] = append(where, condition+" @"+name), value
	}

	if f.UserID != nil {
		demand("user_id =", "user", *f.UserID)
	}

	if f.CourseID != nil {
		demand("course_id =", "course", *f.CourseID)
	}

	if f.Status != nil {
		demand("status =", "status", *f.Status)
	}

	if f.From != nil {
		demand("created_at >=", "from", *f.From)
	}

	if f.To != nil {
		demand("created_at <", "to", *f.To)
	}

	if f.After != nil {
		where = append(where, "(created_at, id) "+beyond+" (@after, @after_id)")
		args["after"], args["after_id"] = f.After.At, f.After.ID
	}

	found, err := all(ctx, s.pool, `SELECT `+columns+` FROM booking.bookings WHERE `+strings.Join(where, " AND ")+
		` ORDER BY created_at `+order+`, id `+order+` LIMIT @limit`, args)
	if err != nil {
		return nil, fmt.Errorf("list bookings: %w", err)
	}

	return found, nil
}

// CountPending implements booking.Store.
func (s *Store) CountPending(ctx context.Context) (count int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM booking.bookings WHERE status = 'pending'`).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("count pending bookings: %w", err)
	}

	return count, nil
}
