package store_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/migrations"
)

// account is the person whom the rows of a case are about.
const account = `INSERT INTO users.users (id, email, email_key, password_hash, full_name, role, status)
	VALUES (gen_random_uuid(), 'siti@example.com', 'siti@example.com', 'hash', 'Siti', 'student', 'active')`

func TestStore_Tidy_Retention(t *testing.T) {
	t.Parallel()

	pgtest.CheckRetention(t, func(t *testing.T) (*pgxpool.Pool, func(context.Context) error) {
		pool := pgtest.New(t, pgtest.Schema{Name: "users", Role: "user_service", Migrations: migrations.Files})
		return pool, store.New(pool, &recorder{}, store.NewLetters(pool)).Tidy
	}, []pgtest.Retention{
		{
			Table:  "users.users",
			Kept:   "as long as the account",
			Make:   []string{account},
			Column: "created_at",
		},
		{
			Table: "users.student_counts",
			Kept:  "for ever",
			Make:  []string{`DELETE FROM users.student_counts WHERE part > 0`},
		},
		{
			Table: "users.notifications",
			Kept:  "1 year",
			Make: []string{account, `INSERT INTO users.notifications (id, user_id, type, data, dedup)
				SELECT gen_random_uuid(), id, 'booking_expired', '{}', 'once' FROM users.users`},
			Column: "created_at",
		},
		{
			Table: "users.letters",
			Kept:  "1 day",
			Make: []string{account, `INSERT INTO users.letters (id, kind, user_id, done_at)
				SELECT gen_random_uuid(), 'chat_reply', id, now() FROM users.users`},
			Column: "created_at",
		},
		{
			// It was given up after a day.
			Table: "users.letters",
			Kept:  "1 day after it has left or was given up",
			After: "2 days",
			Make: []string{account, `INSERT INTO users.letters (id, kind, user_id)
				SELECT gen_random_uuid(), 'chat_reply', id FROM users.users`},
			Column: "created_at",
		},
		{
			Table: "users.mail_windows",
			Kept:  "1 day after the window has ended",
			After: "1 day",
			Make: []string{account, `INSERT INTO users.mail_windows (user_id, ends_at, mails, digest_id)
				SELECT id, now(), 6, gen_random_uuid() FROM users.users`},
			// There are no more of them than admins.
			Move: `UPDATE users.mail_windows SET ends_at = ends_at - $1::interval`,
		},
		{
			Table:  "users.booking_states",
			Kept:   "1 year",
			Make:   []string{`INSERT INTO users.booking_states (booking_id, version) VALUES (gen_random_uuid(), 1)`},
			Column: "updated_at",
		},
		{
			Table: "users.lesson_teachers",
			Kept:  "3 years",
			Make: []string{`INSERT INTO users.lesson_teachers (booking_id, teacher_id)
				VALUES (gen_random_uuid(), gen_random_uuid())`},
			Column: "updated_at",
		},
		{
			Table: "users.erasures",
			Kept:  "for ever",
			Make: []string{`INSERT INTO users.erasures (user_id, app_id, done_at)
				VALUES (gen_random_uuid(), 'auth-service', now())`},
			Move: `UPDATE users.erasures SET requested_at = requested_at - $1::interval, done_at = done_at - $1::interval`,
		},
	}...)
}
