package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/events"
	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/postgres"
)

// onceConstraint is what a message violates that was written before.
const onceConstraint = "chat_messages_once"

// Append implements chat.Store. The session's row is locked by counting up, so that numbers become visible in their
// order; a message that can't be written gives its number back with the transaction.
func (s *Store) Append(ctx context.Context, d *chat.Draft) (m chat.Message, repeated bool, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return chat.Message{}, false, fmt.Errorf("make a message id: %w", err)
	}
	written := false
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		var owner uuid.UUID
		m, owner, written, err = insert(ctx, tx, id, d)
		if err != nil || !written {
			return err
		}
		return s.outbox.Publish(ctx, tx, events.TopicMessage, event(&m, owner))
	})
	if name, ok := postgres.Constraint(err); ok && name == onceConstraint {
		err, written = nil, false // Somebody was faster with the same message.
	}
	if err != nil {
		return chat.Message{}, false, fmt.Errorf("append a message: %w", err)
	}
	if written {
		return m, false, nil
	}
	m, err = s.explain(ctx, d)
	return m, err == nil, err
}

// insert writes the message if its session is open and it was not written before.
func insert(ctx context.Context, tx pgx.Tx, id uuid.UUID, d *chat.Draft) (m chat.Message, owner uuid.UUID, ok bool, err error) {
	rows, err := tx.Query(ctx, `
		WITH session AS (
			UPDATE chat.chat_sessions SET last_seq = last_seq + 1, last_activity_at = clock_timestamp()
			WHERE id = @session AND status = 'active' AND last_activity_at > clock_timestamp() - `+idle+`
				AND NOT EXISTS (
					SELECT FROM chat.chat_messages WHERE sender_id = @sender_id AND client_msg_id = @client_msg_id)
			RETURNING id, user_id, last_seq, last_activity_at)
		INSERT INTO chat.chat_messages (id, session_id, seq, sender, sender_id, sender_name, message, client_msg_id, created_at)
		SELECT @id, id, last_seq, @sender, @sender_id, nullif(@sender_name, ''), @message, @client_msg_id, last_activity_at
		FROM session
		RETURNING seq, created_at, (SELECT user_id FROM session)`, pgx.NamedArgs{
		"id": id, "session": d.SessionID, "sender": string(d.Sender), "sender_id": d.SenderID, "sender_name": d.SenderName,
		"message": d.Text, "client_msg_id": d.ClientMsgID,
	})
	if err != nil {
		return chat.Message{}, uuid.Nil, false, err
	}
	m = chat.Message{
		SessionID: d.SessionID, ID: id, Sender: d.Sender, SenderID: d.SenderID, SenderName: d.SenderName,
		Text: d.Text, ClientMsgID: d.ClientMsgID,
	}
	n := 0
	_, err = pgx.ForEachRow(rows, []any{&m.Seq, &m.At, &owner}, func() error { n++; return nil })
	m.At = m.At.UTC()
	return m, owner, n == 1, err
}

// explain returns the message that was written before, or says why this one was not.
func (s *Store) explain(ctx context.Context, d *chat.Draft) (chat.Message, error) {
	found, err := messages(ctx, s.pool, `
		SELECT `+messageColumns+` FROM chat.chat_messages WHERE sender_id = $1 AND client_msg_id = $2`, d.SenderID, d.ClientMsgID)
	if err != nil {
		return chat.Message{}, fmt.Errorf("look for a message that was written before: %w", err)
	}
	if len(found) > 0 {
		return found[0], nil
	}
	if _, err := s.Find(ctx, d.SessionID); err != nil {
		return chat.Message{}, err
	}
	return chat.Message{}, chat.ErrSessionClosed
}

func event(m *chat.Message, owner uuid.UUID) events.Message {
	return events.Message{
		EventType: events.TypeMessage, SessionID: m.SessionID, UserID: owner, MessageID: m.ID, Seq: m.Seq,
		Sender: string(m.Sender), SenderID: m.SenderID, Message: m.Text, Timestamp: m.At,
	}
}

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
	ids, seqs := make([]uuid.UUID, 0, len(after)), make([]int64, 0, len(after))
	for id, seq := range after {
		ids, seqs = append(ids, id), append(seqs, seq)
	}
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

// MarkRead implements chat.Store.
func (s *Store) MarkRead(ctx context.Context, sessionID, userID uuid.UUID, seq int64) (mark int64, moved bool, err error) {
	rows, err := s.pool.Query(ctx, `
		INSERT INTO chat.read_marks AS mark (session_id, user_id, seq)
		SELECT id, $2, least($3, last_seq) FROM chat.chat_sessions WHERE id = $1
		ON CONFLICT (session_id, user_id) DO UPDATE SET seq = excluded.seq, updated_at = clock_timestamp()
		WHERE mark.seq < excluded.seq
		RETURNING seq`, sessionID, userID, seq)
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
			SessionID: row.SessionID, Seq: row.Seq, ID: row.ID, Sender: auth.Role(row.Sender), SenderID: row.SenderID,
			SenderName: row.SenderName, Text: row.Message, At: row.CreatedAt.UTC(), ClientMsgID: row.ClientMsgID,
		}, err
	})
}
