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

// ReportErased are the arguments of the job that says that a person is forgotten here.
type ReportErased struct {
	UserID uuid.UUID `json:"user_id"`
}

// Kind names the job in River's table.
func (ReportErased) Kind() string { return "report_erased" }

// Erase forgets a person as a part of the transaction: what is still ahead of them is cancelled as if they had done it,
// and announced; then no text of theirs or about them is kept, and the person can't come back by a late request. It may
// be called again.
func (s *Store) Erase(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	_, err := tx.Exec(ctx, `INSERT INTO booking.erased_people (user_id) VALUES ($1) ON CONFLICT DO NOTHING`, person)
	if err != nil {
		return fmt.Errorf("remember who has left: %w", err)
	}

	if err := s.cancelAll(ctx, tx, person); err != nil {
		return fmt.Errorf("cancel the bookings of who has left: %w", err)
	}

	batch := &pgx.Batch{}
	batch.Queue(`
		UPDATE booking.bookings SET abandoned_at = clock_timestamp()
		WHERE user_id = $1 AND status = 'holding' AND abandoned_at IS NULL`, person)
	// All of the person's bookings, as two indexes have them.
	batch.Queue(`
		UPDATE booking.bookings SET note = NULL, decision_note = NULL, attendance_note = NULL
		WHERE (user_id = $1 AND status <> 'holding' OR user_id = $1 AND status = 'holding')
			AND (note IS NOT NULL OR decision_note IS NOT NULL OR attendance_note IS NOT NULL)`, person)
	batch.Queue(`DELETE FROM booking.idempotency_keys WHERE user_id = $1`, person)
	batch.Queue(`
		UPDATE booking.bookings SET teacher_id = NULL
		WHERE teacher_id = $1 AND status = 'confirmed' AND lesson_starts_at > now()`, person)
	batch.Queue(`UPDATE booking.course_teachers SET teacher_id = NULL WHERE teacher_id = $1`, person)
	batch.Queue(`DELETE FROM booking.dead_letters WHERE strpos(event::text, $1) > 0`, person.String())

	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("forget what is kept of who has left: %w", err)
	}

	return s.outbox.Insert(ctx, tx, ReportErased{UserID: person}, nil)
}

// cancelAll cancels pending bookings and lessons that are ahead, whatever the time until then.
func (s *Store) cancelAll(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT now()`).Scan(&now); err != nil {
		return err
	}

	open, err := postgres.List(ctx, tx, scan, `SELECT `+columns+` FROM booking.bookings
		WHERE user_id = $1 AND (status = 'pending' OR status = 'confirmed' AND coalesce(lesson_starts_at > now(), false))
		ORDER BY id FOR UPDATE`, person)
	if err != nil {
		return err
	}

	for i := range open {
		if err := s.write(ctx, tx, &booking.Outcome{Booking: open[i].Leave(now.UTC())}); err != nil {
			return err
		}
	}

	return nil
}
