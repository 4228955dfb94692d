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

// Decide implements booking.Store. The rows are locked first, in one order for all; then the time is taken, and the rules
// compare it with what can't change any more.
func (s *Store) Decide(ctx context.Context, d booking.Decision) (outcome booking.Outcome, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		found, now, err := lock(ctx, tx, d.BookingID)
		if err != nil {
			return err
		}

		b := found[d.BookingID]

		var replaced *booking.Booking
		if b != nil && b.Replaces != nil {
			replaced = found[*b.Replaces]
		}

		if outcome, err = d.Apply(b, replaced, now); err != nil {
			return err
		}

		return s.write(ctx, tx, &outcome)
	})
	if err != nil {
		return booking.Outcome{}, fmt.Errorf("decide about a booking: %w", err)
	}

	return outcome, nil
}

// lock locks a booking and the one that it replaces, and returns them by id with the time after that. The course keeps
// its teacher until the end of the transaction: its row is locked first, as where lessons are handed over.
func lock(ctx context.Context, tx pgx.Tx, id uuid.UUID) (map[uuid.UUID]*booking.Booking, time.Time, error) {
	var (
		found = map[uuid.UUID]*booking.Booking{}
		now   time.Time
	)

	batch := &pgx.Batch{}
	batch.Queue(`SELECT FROM booking.course_teachers
		WHERE course_id = (SELECT course_id FROM booking.bookings WHERE id = $1) FOR SHARE`, id)
	batch.Queue(`SELECT `+columns+` FROM booking.bookings
		WHERE id = $1 OR id = (SELECT replaces FROM booking.bookings WHERE id = $1) ORDER BY id FOR UPDATE`, id).
		Query(func(rows pgx.Rows) error {
			bookings, err := pgx.CollectRows(rows, scan)
			for i := range bookings {
				found[bookings[i].ID] = &bookings[i]
			}

			return err
		})
	batch.Queue(`SELECT clock_timestamp()`).QueryRow(func(row pgx.Row) error { return row.Scan(&now) })

	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, now, fmt.Errorf("lock a booking: %w", err)
	}

	return found, now.UTC(), nil
}

// write stores and announces what a decision has made. The booking that was replaced ends first: its end is the older
// news.
func (s *Store) write(ctx context.Context, tx pgx.Tx, outcome *booking.Outcome) error {
	changed := []*booking.Booking{&outcome.Booking}
	if outcome.Replaced != nil {
		changed = []*booking.Booking{outcome.Replaced, &outcome.Booking}
	}

	batch := &pgx.Batch{}
	for _, b := range changed {
		written, err := postgres.Maybe(ctx, tx, scan, writeSQL, arguments(b))
		if err != nil {
			return err
		}

		*b = *written
		if err := s.announce(ctx, batch, b); err != nil {
			return err
		}
	}

	return tx.SendBatch(ctx, batch).Close()
}

// writeSQL writes a decided state. A confirmed booking gets its lesson's time and teacher.
const writeSQL = `
	UPDATE booking.bookings SET
		status = @status, status_reason = @reason, state_version = @version, decided_by = @by, decided_at = @at,
		decision_note = @note, confirmed_slot_id = @slot, confirmed_at = @confirmed_at, replaced_by = @replaced_by,
		lesson_starts_at = coalesce(@starts_at, lesson_starts_at), lesson_ends_at = coalesce(@ends_at, lesson_ends_at),
		teacher_id = CASE WHEN @status = 'confirmed'
			THEN (SELECT t.teacher_id FROM booking.course_teachers t WHERE t.course_id = bookings.course_id)
			ELSE teacher_id END,
		updated_at = @updated_at
	WHERE id = @id
	RETURNING ` + columns

func arguments(b *booking.Booking) pgx.NamedArgs {
	args := pgx.NamedArgs{
		"id":           b.ID,
		"status":       string(b.Status),
		"reason":       b.StatusReason,
		"version":      b.StateVersion,
		"by":           b.DecidedBy,
		"at":           b.DecidedAt,
		"note":         b.DecisionNote,
		"slot":         b.ConfirmedSlotID,
		"confirmed_at": b.ConfirmedAt,
		"replaced_by":  b.ReplacedBy,
		"updated_at":   b.UpdatedAt,
		"starts_at":    (*time.Time)(nil),
		"ends_at":      (*time.Time)(nil),
	}
	if lesson := b.Lesson(); lesson != nil {
		args["starts_at"], args["ends_at"] = &lesson.StartsAt, &lesson.EndsAt
	}

	return args
}

// Expire implements booking.Store.
func (s *Store) Expire(ctx context.Context, id uuid.UUID) (booking.Booking, bool, error) {
	return s.change(ctx, func(ctx context.Context, tx pgx.Tx, _ *pgx.Batch) (*booking.Booking, error) {
		return postgres.Maybe(ctx, tx, scan, `
			UPDATE booking.bookings
			SET status = 'rejected', status_reason = 'expired', state_version = state_version + 1,
				updated_at = clock_timestamp()
			WHERE id = $1 AND status = 'pending' AND expires_at <= clock_timestamp()
			RETURNING `+columns, id)
	})
}

// ExpireDue implements booking.Store. Now() is the transaction's beginning: nothing expires early, and the index helps.
func (s *Store) ExpireDue(ctx context.Context, limit int) (expired []booking.Booking, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		expired, err = postgres.List(ctx, tx, scan, `
			UPDATE booking.bookings
			SET status = 'rejected', status_reason = 'expired', state_version = state_version + 1,
				updated_at = clock_timestamp()
			WHERE id IN (
				SELECT id FROM booking.bookings WHERE status = 'pending' AND expires_at <= now()
				ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING `+columns, limit)
		if err != nil {
			return err
		}

		if len(expired) == 0 {
			return nil
		}

		batch := &pgx.Batch{}
		for i := range expired {
			if err := s.announce(ctx, batch, &expired[i]); err != nil {
				return err
			}
		}

		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("expire bookings: %w", err)
	}

	return expired, nil
}

// AbandonOlder implements booking.Store.
func (s *Store) AbandonOlder(ctx context.Context, id uuid.UUID, age time.Duration) (bool, error) {
	tag, err := s.pool.Exec(ctx, `
		UPDATE booking.bookings SET abandoned_at = clock_timestamp(), updated_at = clock_timestamp()
		WHERE id = $1 AND status = 'holding' AND abandoned_at IS NULL
			AND created_at < now() - make_interval(secs => $2)`, id, age.Seconds())
	if err != nil {
		return false, fmt.Errorf("abandon an old booking: %w", err)
	}

	return tag.RowsAffected() > 0, nil
}

// StaleHolds implements booking.Store.
func (s *Store) StaleHolds(ctx context.Context, age time.Duration, limit int) ([]uuid.UUID, error) {
	ids, err := postgres.List(ctx, s.pool, pgx.RowTo[uuid.UUID], `
		SELECT id FROM booking.bookings
		WHERE status = 'holding' AND created_at < now() - make_interval(secs => $1)
		ORDER BY created_at LIMIT $2`, age.Seconds(), limit)
	if err != nil {
		return nil, fmt.Errorf("look for stale bookings: %w", err)
	}

	return ids, nil
}
