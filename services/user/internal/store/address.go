package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/user"
)

const (
	selectPresent = "SELECT " + columns + " FROM users.users WHERE id = $1 AND " + present
	setAddress    = `UPDATE users.users SET email = $2, email_key = $3, updated_at = now(),
		email_verified_at = CASE WHEN email_key = $3 THEN coalesce(email_verified_at, now()) ELSE now() END
		WHERE id = $1 RETURNING ` + columns
)

// SetEmail makes the address the person's verified one, as decide says; see user.Store.
func (s *Store) SetEmail(
	ctx context.Context, id uuid.UUID, address, key string, decide func(before *user.Account) user.AddressChange,
) (user.Account, error) {
	var changed user.Account

	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		before, err := one(ctx, tx, "read a user", selectPresent+" FOR UPDATE", id)
		if err != nil {
			return err
		}

		after, err := one(ctx, tx, "set an address", setAddress, id, address, key)
		if err != nil {
			return err
		}

		account := before.account()
		change := decide(&account)
		changed = after.account()

		if change.Letter != nil {
			err = s.letters.add(ctx, tx, change.Letter)
		}

		return errors.Join(err, s.announce(ctx, tx, change.Events))
	})

	if constraint, _ := postgres.Constraint(err); constraint == emailTaken {
		return user.Account{}, usererrs.EmailTaken
	}

	return changed, err
}

// TeachersByEmailKey returns the teachers who may sign in, by the folded addresses that are theirs.
func (s *Store) TeachersByEmailKey(ctx context.Context, keys []string) (map[string]uuid.UUID, error) {
	type teacher struct {
		EmailKey string
		ID       uuid.UUID
	}

	found, err := postgres.List(ctx, s.pool, pgx.RowToStructByName[teacher], `SELECT email_key, id FROM users.users
		WHERE email_key = ANY($1) AND role = 'teacher' AND status <> 'suspended' AND `+present, keys)
	if err != nil {
		return nil, fmt.Errorf("look for teachers: %w", err)
	}

	teachers := make(map[string]uuid.UUID, len(found))
	for _, t := range found {
		teachers[t.EmailKey] = t.ID
	}

	return teachers, nil
}
