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

// finishLater notes that the loop must look at the booking unless its request finishes it. The row is due when the
// request has surely ended, by the database's clock like every deadline.
func finishLater(batch *pgx.Batch, b *booking.Booking) {
	batch.Queue(`
		INSERT INTO booking.unfinished AS u (booking_id, version, due_at) VALUES ($1, $2, $3)
		ON CONFLICT (booking_id) DO UPDATE
		SET version = EXCLUDED.version, due_at = EXCLUDED.due_at, created_at = now(), failures = 0
		WHERE u.version <= EXCLUDED.version`,
		b.ID, b.StateVersion, b.UpdatedAt.Add(booking.FinishAfter))
}

const finishedSQL = `
	DELETE FROM booking.unfinished u USING unnest($1::uuid[], $2::bigint[]) AS done (id, version)
	WHERE u.booking_id = done.id AND u.version <= done.version`

// Finished implements booking.Store.
func (s *Store) Finished(ctx context.Context, done map[uuid.UUID]int64) error {
	ids, versions := make([]uuid.UUID, 0, len(done)), make([]int64, 0, len(done))
	for id, version := range done {
		ids, versions = append(ids, id), append(versions, version)
	}

	if _, err := s.pool.Exec(ctx, finishedSQL, ids, versions); err != nil {
		return fmt.Errorf("note that bookings are finished: %w", err)
	}

	return nil
}

// TakeUnfinished implements booking.Store.
func (s *Store) TakeUnfinished(ctx context.Context, lease time.Duration, limit int) ([]uuid.UUID, error) {
	taken, err := postgres.List(ctx, s.pool, pgx.RowTo[uuid.UUID], `
		UPDATE booking.unfinished SET due_at = clock_timestamp() + make_interval(secs => $1)
		WHERE booking_id IN (
			SELECT booking_id FROM booking.unfinished WHERE due_at <= clock_timestamp()
			ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
		RETURNING booking_id`, lease.Seconds(), limit)
	if err != nil {
		return nil, fmt.Errorf("look for unfinished bookings: %w", err)
	}

	return taken, nil
}

// PutOff implements booking.Store.
func (s *Store) PutOff(ctx context.Context, id uuid.UUID) error {
	const first, longest = 0.1, 5.0 // seconds

	_, err := s.pool.Exec(ctx, `
		UPDATE booking.unfinished SET failures = failures + 1,
			due_at = clock_timestamp() + make_interval(secs => least($2 * power(2, least(failures, 10)), $3))
		WHERE booking_id = $1`, id, first, longest)
	if err != nil {
		return fmt.Errorf("put an unfinished booking off: %w", err)
	}

	return nil
}

// OldestUnfinished implements booking.Store.
func (s *Store) OldestUnfinished(ctx context.Context) (time.Duration, error) {
	var seconds float64

	err := s.pool.QueryRow(ctx, `
		SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM booking.unfinished`).Scan(&seconds)
	if err != nil {
		return 0, fmt.Errorf("ask for the oldest unfinished booking: %w", err)
	}

	return time.Duration(seconds * float64(time.Second)), nil
}
