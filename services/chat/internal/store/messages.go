package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Messages implements chat.Store.
func (s *Store) Messages(ctx context.Context, sessionID uuid.UUID, after int64, limit int) ([]chat.Message, error) {
	found, err := postgres.List(ctx, s.pool, scanMessage, `
		SELECT `+messageColumns+` FROM chat.chat_messages WHERE session_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
		sessionID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}

	return found, nil
}

// Missing returns up to limit messages of each of several sessions with numbers above those given, in order.
func (s *Store) Missing(ctx context.Context, after map[uuid.UUID]int64, limit int) ([]chat.Message, error) {
	ids, seqs := pairs(after)

	found, err := postgres.List(ctx, s.pool, scanMessage, `
		SELECT m.* FROM unnest($1::uuid[], $2::bigint[]) AS wanted (id, seq)
		CROSS JOIN LATERAL (
			SELECT `+messageColumns+` FROM chat.chat_messages
			WHERE session_id = wanted.id AND chat_messages.seq > wanted.seq ORDER BY chat_messages.seq LIMIT $3) m
		ORDER BY m.session_id, m.seq`, ids, seqs, limit)
	if err != nil {
		return nil, fmt.Errorf("read missing messages: %w", err)
	}

	return found, nil
}

// MessagesBefore implements chat.Store.
func (s *Store) MessagesBefore(ctx context.Context, sessionID uuid.UUID, before int64, limit int) ([]chat.Message, error) {
	found, err := postgres.List(ctx, s.pool, scanMessage, `
		SELECT `+messageColumns+` FROM chat.chat_messages WHERE session_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`,
		sessionID, before, limit)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}

	return found, nil
}

// MarkRead implements chat.Store. What an admin has read is answered.
func (s *Store) MarkRead(ctx context.Context, sessionID uuid.UUID, v chat.Viewer, seq int64) (mark int64, moved bool, err error) {
	reached, err := postgres.Maybe(ctx, s.pool, pgx.RowTo[int64], `
		WITH marked AS (
			INSERT INTO chat.read_marks AS mark (session_id, user_id, seq)
			SELECT id, $2, least($3, last_seq) FROM chat.chat_sessions WHERE id = $1
			ON CONFLICT (session_id, user_id) DO UPDATE SET seq = excluded.seq, updated_at = clock_timestamp()
			WHERE mark.seq < excluded.seq
			RETURNING session_id, seq
		), answered AS (
			UPDATE chat.chat_sessions s SET admin_read_seq = marked.seq FROM marked
			WHERE $4 AND s.id = marked.session_id AND s.admin_read_seq < marked.seq
		)
		SELECT seq FROM marked`, sessionID, v.UserID, seq, v.Admin())
	if err != nil {
		return 0, false, fmt.Errorf("mark messages as read: %w", err)
	}

	if reached == nil {
		return 0, false, nil
	}

	return *reached, true, nil
}
