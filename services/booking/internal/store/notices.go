package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/postgres"
)

// GiveNotice are the arguments of the job that tells people of a booking.
type GiveNotice struct {
	Notice    booking.NoticeKind `json:"notice"`
	BookingID uuid.UUID          `json:"booking_id"`
	// To is set where the notice is for one person only.
	To *uuid.UUID `json:"to,omitempty"`
	// Occasion tells notices of the same kind about the same booking apart.
	Occasion int64 `json:"occasion,omitempty"`
}

// Kind names the job in River's table.
func (GiveNotice) Kind() string { return "give_notice" }

// due marks what a notice is due for, so that it is given into work once, and returns which.
var due = map[booking.NoticeKind]string{
	booking.LessonReminder: `
		UPDATE booking.bookings SET reminded_at = now() WHERE id IN (
			SELECT id FROM booking.bookings
			WHERE status = 'confirmed' AND reminded_at IS NULL AND lesson_starts_at BETWEEN now() AND now() + interval '24 hours'
			ORDER BY lesson_starts_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING id`,
	booking.DeadlineWarning: `
		UPDATE booking.bookings SET expiry_warned_at = now() WHERE id IN (
			SELECT id FROM booking.bookings
			WHERE status = 'pending' AND expiry_warned_at IS NULL AND expires_at BETWEEN now() AND now() + interval '24 hours'
			ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING id`,
}

// QueueNotices implements booking.Store.
func (s *Store) QueueNotices(ctx context.Context, limit int) (count int, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		count = 0

		for kind, sql := range due {
			ids, err := postgres.List(ctx, tx, pgx.RowTo[uuid.UUID], sql, limit)
			if err != nil {
				return err
			}

			for _, id := range ids {
				if err := s.outbox.Insert(ctx, tx, GiveNotice{Notice: kind, BookingID: id}, nil); err != nil {
					return err
				}
			}

			count = max(count, len(ids))
		}

		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("queue notices: %w", err)
	}

	return count, nil
}
