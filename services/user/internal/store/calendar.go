package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/user/internal/user"
)

// SetCalendarSecret replaces the hash of the secret in the address of a person's calendar; nil ends the address.
func (s *Store) SetCalendarSecret(ctx context.Context, id uuid.UUID, hash []byte) error {
	tag, err := s.pool.Exec(ctx, "UPDATE users.users SET calendar_secret_hash = $2 WHERE id = $1 AND "+present, id, hash)
	if err != nil {
		return fmt.Errorf("set a calendar's secret: %w", err)
	}

	if tag.RowsAffected() == 0 {
		return usererrs.NotFound
	}

	return nil
}

// ByCalendarSecret returns whose calendar has that secret, or errs.NotFound: also for those who may not sign in.
func (s *Store) ByCalendarSecret(ctx context.Context, hash []byte) (user.User, error) {
	r, err := one(ctx, s.pool, "read a calendar's owner", "SELECT "+columns+` FROM users.users
		WHERE calendar_secret_hash = $1 AND status <> 'suspended' AND `+present, hash)
	if errors.Is(err, usererrs.NotFound) {
		return user.User{}, errs.NotFound
	}

	if err != nil {
		return user.User{}, err
	}

	return r.user(), nil
}
