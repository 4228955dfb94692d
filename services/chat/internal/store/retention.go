package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/kit/postgres"
)

// DeleteOld implements chat.Store.
func (s *Store) DeleteOld(ctx context.Context, age time.Duration, limit int) (deleted int, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		ids, err := postgres.List(ctx, tx, pgx.RowTo[uuid.UUID], `
			SELECT id FROM chat.chat_sessions
			WHERE status = 'closed' AND closed_at < now() - make_interval(secs => $1)
			ORDER BY closed_at LIMIT $2 FOR UPDATE SKIP LOCKED`, age.Seconds(), limit)
		if err != nil {
			return err
		}

		for _, sql := range []string{
			`DELETE FROM chat.unpublished_messages WHERE message_id IN (
				SELECT id FROM chat.chat_messages WHERE session_id = ANY($1))`,
			`DELETE FROM chat.chat_messages WHERE session_id = ANY($1)`,
			`DELETE FROM chat.read_marks WHERE session_id = ANY($1)`,
			`DELETE FROM chat.chat_sessions WHERE id = ANY($1)`,
		} {
			if _, err := tx.Exec(ctx, sql, ids); err != nil {
				return err
			}
		}

		deleted = len(ids)

		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("delete old chat sessions: %w", err)
	}

	return deleted, nil
}
