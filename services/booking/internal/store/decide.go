package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Decide implements booking.Store.
func (s *Store) Decide(ctx context.Context, d booking.Decision) (booking.Booking, error) {
	b, ok, err := s.change(ctx, func(ctx context.Context, tx pgx.Tx) (*booking.Booking, error) {
		return apply(ctx, tx, d)
	})
	if err != nil || ok {
		return b, err
	}

	return booking.Booking{}, s.explain(ctx, d)
}

// apply is the one statement that decides between concurrent decisions. It compares the deadline with the moment at
// which it looks at the row, also after it has waited for another decision.
func apply(ctx context.Context, tx pgx.Tx, d booking.Decision) (*booking.Booking, error) {
	return first(ctx, tx, `
		UPDATE booking.bookings SET
			status = @to, status_reason = @reason, decision_note = @note,
			confirmed_slot_id = coalesce(@slot, confirmed_slot_id),
			confirmed_at = CASE WHEN @slot::uuid IS NULL THEN confirmed_at ELSE clock_timestamp() END,
			updated_at = clock_timestamp()
		WHERE id = @id AND status = @from
			AND (status <> 'pending' OR expires_at > clock_timestamp())
			AND (@owner::uuid IS NULL OR user_id = @owner)
			AND (@slot::uuid IS NULL OR @slot IN (first_choice_slot_id, second_choice_slot_id))
		RETURNING `+columns, pgx.NamedArgs{
		"id": d.BookingID, "from": d.From, "to": d.To, "reason": d.Reason, "note": d.Note, "owner": d.Owner, "slot": d.Slot,
	})
}

// explain says why a decision did not apply.
func (s *Store) explain(ctx context.Context, d booking.Decision) error {
	b, err := first(ctx, s.pool, `SELECT `+columns+` FROM booking.bookings WHERE id = $1`, d.BookingID)
	if err != nil {
		return fmt.Errorf("look at a booking that was not decided: %w", err)
	}

	var now time.Time
	if err := s.pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return fmt.Errorf("ask the database for the time: %w", err)
	}

	if refusal := d.Refusal(b, now); refusal != nil {
		return refusal
	}

	return errs.Unavailable.Wrap(errors.New("the booking became decidable only now"))
}

// Expire implements booking.Store.
func (s *Store) Expire(ctx context.Context, id uuid.UUID) (booking.Booking, bool, error) {
	return s.change(ctx, func(ctx context.Context, tx pgx.Tx) (*booking.Booking, error) {
		return first(ctx, tx, `
			UPDATE booking.bookings
			SET status = 'rejected', status_reason = 'expired', updated_at = clock_timestamp()
			WHERE id = $1 AND status = 'pending' AND expires_at <= clock_timestamp()
			RETURNING `+columns, id)
	})
}

// ExpireDue implements booking.Store. Now() is the transaction's beginning: nothing expires early, and the index helps.
func (s *Store) ExpireDue(ctx context.Context, limit int) (expired []booking.Booking, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		expired, err = all(ctx, tx, `
			UPDATE booking.bookings
			SET status = 'rejected', status_reason = 'expired', updated_at = clock_timestamp()
			WHERE id IN (
				SELECT id FROM booking.bookings WHERE status = 'pending' AND expires_at <= now()
				ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING `+columns, limit)
		if err != nil {
			return err
		}

		for i := range expired {
			if err := s.announce(ctx, tx, &expired[i]); err != nil {
				return err
			}
		}

		return nil
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
	rows, err := s.pool.Query(ctx, `
		SELECT id FROM booking.bookings
		WHERE status = 'holding' AND created_at < now() - make_interval(secs => $1)
		ORDER BY created_at LIMIT $2`, age.Seconds(), limit)
	if err != nil {
		return nil, fmt.Errorf("look for stale bookings: %w", err)
	}

	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("look for stale bookings: %w", err)
	}

	return ids, nil
}
