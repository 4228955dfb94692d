package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/auth"
)

// Messages implements chat.Store.
func (s *Store) Messages(ctx context.Context, sessionID uuid.UUID, after int64, limit int) ([]chat.Message, error) {
	found, err := messages(ctx, s.pool, `
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

	found, err := messages(ctx, s.pool, `
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
	found, err := messages(ctx, s.pool, `
		SELECT `+messageColumns+` FROM chat.chat_messages WHERE session_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`,
		sessionID, before, limit)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}

	return found, nil
}

// MarkRead implements chat.Store. What an admin has read is answered.
func (s *Store) MarkRead(ctx context.Context, sessionID uuid.UUID, v chat.Viewer, seq int64) (mark int64, moved bool, err error) {
	rows, err := s.pool.Query(ctx, `
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

	marks, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return 0, false, fmt.Errorf("mark messages as read: %w", err)
	}

	if len(marks) == 0 {
		return 0, false, nil
	}

	return marks[0], true, nil
}

// messages returns the messages of a query that selects messageColumns.
func messages(ctx context.Context, q querier, sql string, args ...any) ([]chat.Message, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}

	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (chat.Message, error) {
		row, err := pgx.RowToStructByName[messageRow](r)

		return chat.Message{
			SessionID:   row.SessionID,
			Seq:         row.Seq,
			ID:          row.ID,
			Sender:      auth.Role(row.Sender),
			SenderID:    row.SenderID,
			SenderName:  row.SenderName,
			Text:        row.Message,
			At:          row.CreatedAt.UTC(),
			ClientMsgID: row.ClientMsgID,
		}, err
	})
}
