package store_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/auth/internal/authtest"
	"github.com/shema-music/shema/services/auth/internal/store"
	"github.com/shema-music/shema/services/auth/migrations"
	"github.com/shema-music/shema/services/kit/pgtest"
)

func TestStore_Tidy_Retention(t *testing.T) {
	t.Parallel()

	pgtest.CheckRetention(t, func(t *testing.T) (*pgxpool.Pool, func(context.Context) error) {
		pool := pgtest.New(t, pgtest.Schema{Name: "auth", Role: "auth_service", Migrations: migrations.Files})
		return pool, store.New(pool, &authtest.Jobs{}).Tidy
	}, []pgtest.Retention{
		{
			Table: "auth.audit_log",
			Kept:  "1 year",
			Make: []string{`INSERT INTO auth.audit_log (id, event, user_id)
				VALUES (gen_random_uuid(), 'login', gen_random_uuid())`},
			Column: "at",
		},
		{
			Table:  "auth.audit_log",
			Kept:   "30 days",
			Make:   []string{`INSERT INTO auth.audit_log (id, event) VALUES (gen_random_uuid(), 'login_failed')`},
			Column: "at",
		},
		{
			Table:  "auth.known_networks",
			Kept:   "30 days",
			Make:   []string{`INSERT INTO auth.known_networks (email_hash, network, last_login_at) VALUES ('x', 'y', now())`},
			Column: "last_login_at",
		},
		{
			Table:  "auth.login_attempts",
			Kept:   "1 day",
			Make:   []string{`INSERT INTO auth.login_attempts (email_hash, network) VALUES ('x', 'y')`},
			Column: "at",
		},
		{
			Table:  "auth.login_locks",
			Kept:   "1 hour",
			Make:   []string{`INSERT INTO auth.login_locks (email_hash, network, until) VALUES ('x', 'y', now())`},
			Column: "until",
		},
		{
			Table: "auth.mail_tokens",
			Kept:  "7 days",
			Make: []string{`INSERT INTO auth.mail_tokens (hash, letter_id, kind, user_id, expires_at)
				VALUES ('x', gen_random_uuid(), 'password_reset', gen_random_uuid(), now())`},
			Column: "expires_at",
		},
		{
			Table:  "auth.session_endings",
			Kept:   "1 minute",
			Make:   []string{`INSERT INTO auth.session_endings (user_id) VALUES (gen_random_uuid())`},
			Column: "at",
		},
		{
			Table:  "auth.erased_people",
			Kept:   "for ever",
			Make:   []string{`INSERT INTO auth.erased_people (user_id) VALUES (gen_random_uuid())`},
			Column: "at",
		},
	}...)
}
