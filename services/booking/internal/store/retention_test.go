package store_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/booking/internal/store/storetest"
	"github.com/shema-music/shema/services/kit/pgtest"
)

func TestStore_ForgetAnswers_Retention(t *testing.T) {
	t.Parallel()

	pgtest.CheckRetention(t, func(t *testing.T) (*pgxpool.Pool, func(context.Context) error) {
		db := storetest.New(t)

		return db.Pool, func(ctx context.Context) error {
			_, err := db.Store.ForgetAnswers(ctx, 1)
			return err
		}
	}, []pgtest.Retention{
		{
			Table: "booking.bookings",
			Kept:  "for ever",
			Make: []string{`INSERT INTO booking.bookings (id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, status)
				VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'rejected')`},
			Move: `UPDATE booking.bookings SET created_at = created_at - $1::interval, expires_at = expires_at - $1::interval,
				updated_at = updated_at - $1::interval`,
		},
		{
			Table:  "booking.course_teachers",
			Kept:   "as long as the course has bookings",
			Make:   []string{`INSERT INTO booking.course_teachers (course_id) VALUES (gen_random_uuid())`},
			Column: "checked_at",
		},
		{
			Table: "booking.unfinished",
			Kept:  "until they have",
			Make: []string{`INSERT INTO booking.unfinished (booking_id, version, due_at)
				VALUES (gen_random_uuid(), 1, now())`},
			Move: `UPDATE booking.unfinished SET created_at = created_at - $1::interval, due_at = due_at - $1::interval`,
		},
		{
			Table: "booking.idempotency_keys",
			Kept:  "24 hours",
			Make: []string{`INSERT INTO booking.idempotency_keys (user_id, key, fingerprint, booking_id)
				VALUES (gen_random_uuid(), 'x', 'y', gen_random_uuid())`},
			Column: "created_at",
		},
		{
			Table:  "booking.erased_people",
			Kept:   "for ever",
			Make:   []string{`INSERT INTO booking.erased_people (user_id) VALUES (gen_random_uuid())`},
			Column: "at",
		},
	}...)
}
