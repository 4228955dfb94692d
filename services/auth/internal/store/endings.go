package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Announce notes that sessions of the user are about to end.
func (s *Store) Announce(ctx context.Context, userID uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO auth.session_endings (user_id) VALUES ($1)
		ON CONFLICT (user_id) DO UPDATE SET at = excluded.at`, userID)
	if err != nil {
		return fmt.Errorf("announce the end of sessions: %w", err)
	}

	return nil
}

// Recent returns the users of whom sessions have ended, or may have, within auth.EndingWindow.
func (s *Store) Recent(ctx context.Context) ([]uuid.UUID, error) {
	users, err := postgres.List(ctx, s.pool, pgx.RowTo[uuid.UUID], `SELECT user_id FROM auth.session_endings
		WHERE at > statement_timestamp() - $1::interval`, auth.EndingWindow)
	if err != nil {
		return nil, fmt.Errorf("read whose sessions have ended: %w", err)
	}

	return users, nil
}
