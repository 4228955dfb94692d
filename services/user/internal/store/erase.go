package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/user"
)

const (
	// forgetPerson keeps the id and what is counted: the role, the status, and since when.
	forgetPerson = `UPDATE users.users SET email = '', email_key = 'erased:' || id, password_hash = '', full_name = '',
		phone = NULL, experience_level = NULL, learning_goal = NULL, preferred_instruments = '{}', budget_range = NULL,
		available_days = '{}', last_login_at = NULL, email_verified_at = NULL, calendar_secret_hash = NULL,
		status = 'suspended', access_epoch = $2, erased_at = now(), updated_at = now() WHERE id = $1`
	forgetTold = `WITH gone AS (DELETE FROM users.letters WHERE user_id = $1),
		uncounted AS (DELETE FROM users.mail_windows WHERE user_id = $1)
		DELETE FROM users.notifications WHERE user_id = $1`
	requestErasure = `INSERT INTO users.erasures (user_id, app_id) SELECT $1, unnest($2::text[])
		ON CONFLICT DO NOTHING`
)

// Erase forgets a person as decide says; see user.Store.
func (s *Store) Erase(
	ctx context.Context, id uuid.UUID, apps []string, decide func(a *user.Account, otherAdmins int) (user.AccessDecision, error),
) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockAccess(ctx, tx); err != nil {
			return err
		}

		current, err := one(ctx, tx, "read a user", selectPresent+" FOR UPDATE", id)
		if err != nil {
			return s.repeatedErasure(ctx, tx, id, err)
		}

		others, err := otherAdmins(ctx, tx, id)
		if err != nil {
			return err
		}

		account := current.account()

		decision, err := decide(&account, others)
		if err != nil {
			return err
		}

		return s.erase(ctx, tx, id, apps, &decision)
	})
}

// repeatedErasure answers an erasure that found no person: it has happened already, or there never was such a person.
func (s *Store) repeatedErasure(ctx context.Context, tx pgx.Tx, id uuid.UUID, notFound error) error {
	var erased bool

	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM users.users WHERE id = $1 AND erased_at IS NOT NULL)", id).Scan(&erased)
	if err != nil {
		return fmt.Errorf("look for an erased user: %w", err)
	}

	if erased {
		return nil
	}

	return notFound
}

func (s *Store) erase(ctx context.Context, tx pgx.Tx, id uuid.UUID, apps []string, d *user.AccessDecision) error {
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{forgetPerson, []any{id, d.AccessEpoch}},
		{forgetTold, []any{id}},
		{requestErasure, []any{id, apps}},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("forget a person: %w", err)
		}
	}

	if err := inbox.Forget(ctx, tx, "users", id); err != nil {
		return err
	}

	return s.announce(ctx, tx, d.Events)
}

// ReportErased notes that a service keeps nothing of the person any more.
func (s *Store) ReportErased(ctx context.Context, id uuid.UUID, appID string) error {
	tag, err := s.pool.Exec(ctx, `UPDATE users.erasures SET done_at = coalesce(done_at, now())
		WHERE user_id = $1 AND app_id = $2`, id, appID)
	if err != nil {
		return fmt.Errorf("note an erasure: %w", err)
	}

	if tag.RowsAffected() == 0 {
		return usererrs.NotFound
	}

	return nil
}
