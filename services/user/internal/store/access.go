package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/user"
)

// UpdateAccess changes a person as decide says. All changes of access wait for each other: they are rare, and two
// admins demoting each other must not both find the other one still there.
func (s *Store) UpdateAccess(
	ctx context.Context, id uuid.UUID, decide func(a *user.Account, otherAdmins int) (user.AccessDecision, error),
) (user.User, error) {
	var changed user.User

	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockAccess(ctx, tx); err != nil {
			return err
		}

		current, err := one(ctx, tx, "read a user", "SELECT "+columns+" FROM users.users WHERE id = $1 AND "+present+" FOR UPDATE", id)
		if err != nil {
			return err
		}

		changed, err = s.applyDecision(ctx, tx, current, decide)

		return err
	})

	return changed, err
}

func lockAccess(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", postgres.LockKey("users.access")); err != nil {
		return fmt.Errorf("wait for other changes of access: %w", err)
	}

	return nil
}

// otherAdmins counts the admins besides this person who may sign in.
func otherAdmins(ctx context.Context, tx pgx.Tx, id uuid.UUID) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM users.users
		WHERE role = 'admin' AND status <> 'suspended' AND id <> $1 AND `+present, id).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the admins: %w", err)
	}

	return n, nil
}

func (s *Store) applyDecision(
	ctx context.Context, tx pgx.Tx, current *row, decide func(a *user.Account, otherAdmins int) (user.AccessDecision, error),
) (user.User, error) {
	others, err := otherAdmins(ctx, tx, current.ID)
	if err != nil {
		return user.User{}, err
	}

	account := current.account()

	d, err := decide(&account, others)
	if err != nil {
		return user.User{}, err
	}

	r, err := one(ctx, tx, "update a person's access", `UPDATE users.users
		SET role = $2, status = $3, access_epoch = $4, updated_at = now() WHERE id = $1 RETURNING `+columns,
		current.ID, d.Role, d.Status, d.AccessEpoch)
	if err != nil {
		return user.User{}, err
	}

	return r.user(), s.announce(ctx, tx, d.Events)
}
