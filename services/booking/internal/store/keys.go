package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/kit/postgres"
)

// remembered is what a key stands for: an answer, or a booking without one yet.
type remembered struct {
	answer  *booking.Answer
	booking *booking.Booking
}

// claimKey takes the request's key for its booking. It returns nil when the key is now this request's: it was free, its
// day is over, or the booking it was used for has been undone without an answer.
func (s *Store) claimKey(ctx context.Context, tx pgx.Tx, r booking.Request) (*remembered, error) {
	fingerprint, err := r.Fingerprint()
	if err != nil {
		return nil, err
	}

	// The row is locked also where the update does not apply, so parallel requests come here one after the other.
	tag, err := tx.Exec(ctx, `
		INSERT INTO booking.idempotency_keys AS k (user_id, key, fingerprint, booking_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, key) DO UPDATE
		SET fingerprint = EXCLUDED.fingerprint, booking_id = EXCLUDED.booking_id, answer = NULL, created_at = now()
		WHERE k.created_at <= now() - interval '24 hours'`, r.UserID, []byte(r.Key), fingerprint, r.ID)
	if err != nil || tag.RowsAffected() > 0 {
		return nil, err
	}

	var (
		known, answer []byte
		bookingID     uuid.UUID
	)

	err = tx.QueryRow(ctx, `
		SELECT fingerprint, booking_id, answer FROM booking.idempotency_keys WHERE user_id = $1 AND key = $2`,
		r.UserID, []byte(r.Key)).Scan(&known, &bookingID, &answer)
	if err != nil {
		return nil, err
	}

	if !bytes.Equal(known, fingerprint) {
		return nil, bookingerrs.IdempotencyMismatch
	}

	if answer != nil {
		return decodeAnswer(answer)
	}

	return s.reclaim(ctx, tx, r, bookingID)
}

// reclaim looks at the booking of a key without an answer.
func (s *Store) reclaim(ctx context.Context, tx pgx.Tx, r booking.Request, id uuid.UUID) (*remembered, error) {
	b, err := postgres.Maybe(ctx, tx, scan, `SELECT `+columns+` FROM booking.bookings WHERE id = $1`, id)
	switch {
	case err != nil:
		return nil, err
	case b != nil && b.Status != booking.Holding:
		return &remembered{answer: &booking.Answer{Booking: b}}, nil
	case b != nil:
		return &remembered{booking: b}, nil
	}

	_, err = tx.Exec(ctx, `
		UPDATE booking.idempotency_keys SET booking_id = $3 WHERE user_id = $1 AND key = $2`,
		r.UserID, []byte(r.Key), r.ID)

	return nil, err
}

func decodeAnswer(encoded []byte) (*remembered, error) {
	var answer booking.Answer
	if err := json.Unmarshal(encoded, &answer); err != nil {
		return nil, fmt.Errorf("decode a remembered answer: %w", err)
	}

	return &remembered{answer: &answer}, nil
}

// Remember implements booking.Store.
func (s *Store) Remember(ctx context.Context, r booking.Request, a booking.Answer) (booking.Answer, error) {
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		known, err := s.claimKey(ctx, tx, r)
		if err != nil {
			return err
		}

		if known != nil && known.answer != nil {
			a = *known.answer
			return nil
		}

		return s.answerKey(ctx, tx, r, a)
	})
	if err != nil {
		return booking.Answer{}, fmt.Errorf("remember an answer: %w", err)
	}

	return a, nil
}

// answerKey remembers the answer for a key that this transaction has claimed.
func (s *Store) answerKey(ctx context.Context, tx querier, r booking.Request, a booking.Answer) error {
	if r.Key == "" {
		return nil
	}

	encoded, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}

	_, err = tx.Exec(ctx, `
		UPDATE booking.idempotency_keys SET answer = $3 WHERE user_id = $1 AND key = $2`,
		r.UserID, []byte(r.Key), encoded)

	return err
}

// answerBooking remembers the answer for the key with which the booking was asked for, if there was one.
func (s *Store) answerBooking(ctx context.Context, tx pgx.Tx, id uuid.UUID, a booking.Answer) error {
	answer, err := answerOf(id, a)
	if err != nil {
		return err
	}

	_, err = tx.Exec(ctx, answer.SQL, answer.Arguments...)

	return err
}

// answerOf returns the statement that remembers the answer for the key with which the booking was asked for.
func answerOf(id uuid.UUID, a booking.Answer) (pgx.QueuedQuery, error) {
	encoded, err := json.Marshal(a)
	if err != nil {
		return pgx.QueuedQuery{}, fmt.Errorf("encode an answer: %w", err)
	}

	return pgx.QueuedQuery{
		SQL:       `UPDATE booking.idempotency_keys SET answer = $2 WHERE booking_id = $1 AND answer IS NULL`,
		Arguments: []any{id, encoded},
	}, nil
}

// ForgetAnswers implements booking.Store.
func (s *Store) ForgetAnswers(ctx context.Context, limit int) (int, error) {
	tag, err := s.pool.Exec(ctx, `
		DELETE FROM booking.idempotency_keys WHERE (user_id, key) IN (
			SELECT user_id, key FROM booking.idempotency_keys
			WHERE created_at <= now() - interval '24 hours'
			LIMIT $1 FOR UPDATE SKIP LOCKED)`, limit)
	if err != nil {
		return 0, fmt.Errorf("forget old answers: %w", err)
	}

	return int(tag.RowsAffected()), nil
}
