package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Lessons implements booking.Store. Confirmed bookings that don't know when their lesson is are left out: they are older
// than the snapshots of all that is ahead.
func (s *Store) Lessons(ctx context.Context, f booking.LessonFilter) ([]booking.Booking, error) {
	var where postgres.Conditions
	where.Add("status = 'confirmed'")
	where.Add("lesson_starts_at >= coalesce(?, now())", f.From)
	postgres.AddIf(&where, "lesson_starts_at < ?", f.To)
	postgres.AddIf(&where, "user_id = ?", f.UserID)
	postgres.AddIf(&where, "teacher_id = ?", f.TeacherID)
	postgres.AddIf(&where, "course_id = ?", f.CourseID)

	if f.After != nil {
		where.Add("(lesson_starts_at, id) > (?, ?)", f.After.At, f.After.ID)
	}

	found, err := s.list(ctx, &where, byLesson, f.Limit)
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

		noted, err := postgres.Maybe(ctx, tx, scan, `
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
	var where postgres.Conditions
	where.Add("confirmed_slot_id IS NOT NULL")
	where.Add("lesson_starts_at >= now() - interval '90 days'")
	postgres.AddIf(&where, "user_id = ?", student)
	postgres.AddIf(&where, "teacher_id = ?", teacher)

	found, err := s.list(ctx, &where, byLesson, limit)
	if err != nil {
		return nil, fmt.Errorf("list the lessons of a calendar: %w", err)
	}

	return found, nil
}

// Recent implements booking.Store.
func (s *Store) Recent(ctx context.Context, after uuid.UUID, limit int) ([]booking.Booking, error) {
	var where postgres.Conditions
	where.Add("id > ?", after)
	where.Add("status IN ('pending', 'confirmed')")
	where.Add("created_at > now() - interval '7 days'")

	found, err := s.list(ctx, &where, "id", limit)
	if err != nil {
		return nil, fmt.Errorf("list recent bookings: %w", err)
	}

	return found, nil
}
