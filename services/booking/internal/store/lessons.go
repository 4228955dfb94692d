package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Lessons implements booking.Store. Confirmed bookings that don't know when their lesson is are left out: they are older
// than the snapshots of all that is ahead.
func (s *Store) Lessons(ctx context.Context, f booking.LessonFilter) ([]booking.Booking, error) {
	where := []string{"status = 'confirmed'", "lesson_starts_at >= coalesce(@from, now())"}
	args := pgx.NamedArgs{"from": f.From, "limit": f.Limit}

	demand := func(condition, name string, value any) {
		where, args[name] = append(where, condition+" @"+name), value
	}

	if f.To != nil {
		demand("lesson_starts_at <", "to", *f.To)
	}

	if f.UserID != nil {
		demand("user_id =", "user", *f.UserID)
	}

	if f.TeacherID != nil {
		demand("teacher_id =", "teacher", *f.TeacherID)
	}

	if f.CourseID != nil {
		demand("course_id =", "course", *f.CourseID)
	}

	if f.After != nil {
		where = append(where, "(lesson_starts_at, id) > (@after, @after_id)")
		args["after"], args["after_id"] = f.After.At, f.After.ID
	}

	found, err := all(ctx, s.pool, `SELECT `+columns+` FROM booking.bookings WHERE `+strings.Join(where, " AND ")+`
		ORDER BY lesson_starts_at, id LIMIT @limit`, args)
	if err != nil {
		return nil, fmt.Errorf("list lessons: %w", err)
	}

	return found, nil
}

// Attend implements booking.Store.
func (s *Store) Attend(ctx context.Context, a booking.Attendance) (b booking.Booking, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		found, now, err := lock(ctx, tx, a.BookingID)
		if err != nil {
			return err
		}

		if refusal := a.Refusal(found[a.BookingID], now); refusal != nil {
			return refusal
		}

		noted, err := first(ctx, tx, `
			UPDATE booking.bookings SET attended = $2, attendance_note = $3, attended_by = $4 WHERE id = $1
			RETURNING `+columns, a.BookingID, a.Attended, a.Note, a.By.UserID)
		if err == nil {
			b = *noted
		}

		return err
	})
	if err != nil {
		return booking.Booking{}, fmt.Errorf("note an attendance: %w", err)
	}

	return b, nil
}

// Calendar implements booking.Store.
func (s *Store) Calendar(ctx context.Context, student, teacher *uuid.UUID, limit int) ([]booking.Booking, error) {
	where := []string{"confirmed_slot_id IS NOT NULL", "lesson_starts_at >= now() - interval '90 days'"}
	args := pgx.NamedArgs{"limit": limit}

	if student != nil {
		where, args["student"] = append(where, "user_id = @student"), *student
	}

	if teacher != nil {
		where, args["teacher"] = append(where, "teacher_id = @teacher"), *teacher
	}

	found, err := all(ctx, s.pool, `SELECT `+columns+` FROM booking.bookings WHERE `+strings.Join(where, " AND ")+`
		ORDER BY lesson_starts_at, id LIMIT @limit`, args)
	if err != nil {
		return nil, fmt.Errorf("list the lessons of a calendar: %w", err)
	}

	return found, nil
}

// Recent implements booking.Store.
func (s *Store) Recent(ctx context.Context, after uuid.UUID, limit int) ([]booking.Booking, error) {
	found, err := all(ctx, s.pool, `SELECT `+columns+` FROM booking.bookings
		WHERE id > $1 AND status IN ('pending', 'confirmed') AND created_at > now() - interval '7 days'
		ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list recent bookings: %w", err)
	}

	return found, nil
}
