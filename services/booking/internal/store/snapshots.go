package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Incomplete implements booking.Store.
func (s *Store) Incomplete(ctx context.Context, after uuid.UUID, limit int) ([]booking.Booking, error) {
	found, err := postgres.List(ctx, s.pool, scan, `SELECT `+columns+` FROM booking.bookings
		WHERE id > $1 AND status <> 'holding' AND coalesce(course_name, '') = '' ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("look for bookings without their course: %w", err)
	}

	return found, nil
}

// KeepSnapshots implements booking.Store. A confirmed booking whose time becomes known is a lesson from then on.
func (s *Store) KeepSnapshots(ctx context.Context, bookings []booking.Booking) error {
	batch := &pgx.Batch{}

	for i := range bookings {
		b := &bookings[i]

		var starts, ends *time.Time
		if lesson := b.Lesson(); lesson != nil {
			starts, ends = &lesson.StartsAt, &lesson.EndsAt
		}

		batch.Queue(`
			UPDATE booking.bookings SET lesson = $2, course_name = $2::jsonb->'course'->>'name',
				instrument = $2::jsonb->'course'->>'instrument',
				lesson_starts_at = coalesce(lesson_starts_at, $3), lesson_ends_at = coalesce(lesson_ends_at, $4)
			WHERE id = $1`, b.ID, b.Snapshot, starts, ends)
	}

	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("complete the snapshots of bookings: %w", err)
	}

	return nil
}
