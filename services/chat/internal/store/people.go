package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/postgres"
)

// SessionsOf implements chat.Exports.
func (s *Store) SessionsOf(ctx context.Context, userID, after uuid.UUID, limit int) ([]chat.Session, error) {
	found, err := postgres.List(ctx, s.pool, scanSession, `
		SELECT `+sessionColumns+` FROM chat.chat_sessions WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		userID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("export sessions: %w", err)
	}

	return found, nil
}

// MessagesOf implements chat.Exports.
func (s *Store) MessagesOf(ctx context.Context, userID, after uuid.UUID, limit int) ([]chat.Message, error) {
	found, err := postgres.List(ctx, s.pool, scanMessage, `
		SELECT `+messageColumns+` FROM chat.chat_messages
		WHERE id > $2 AND id IN (
			SELECT id FROM chat.chat_messages WHERE sender_id = $1
			UNION
			SELECT m.id FROM chat.chat_messages m JOIN chat.chat_sessions s ON s.id = m.session_id WHERE s.user_id = $1)
		ORDER BY id LIMIT $3`, userID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("export messages: %w", err)
	}

	return found, nil
}

// Forget empties everything that was written in the person's sessions, and what they wrote elsewhere, closes their
// sessions, and deletes their read marks and tickets. Nothing of theirs is written from now on. Doing it again is
// harmless. A job reports it. It returns the sessions that it closed.
func (s *Store) Forget(ctx context.Context, tx pgx.Tx, userID uuid.UUID) ([]chat.Session, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO chat.erased_people (user_id) VALUES ($1) ON CONFLICT DO NOTHING`, userID); err != nil {
		return nil, fmt.Errorf("note that a person has left: %w", err)
	}

	closed, err := postgres.List(ctx, tx, scanSession, `
		UPDATE chat.chat_sessions SET `+closing+`'admin' WHERE user_id = $1 AND status = 'active'
		RETURNING `+sessionColumns, userID)
	if err != nil {
		return nil, fmt.Errorf("close a person's sessions: %w", err)
	}

	for _, sql := range []string{
		`UPDATE chat.chat_sessions SET admin_read_seq = greatest(admin_read_seq, last_person_seq) WHERE user_id = $1 AND unanswered`,
		`UPDATE chat.chat_messages SET message = '', sender_name = NULL, erased_at = clock_timestamp()
			WHERE erased_at IS NULL AND session_id IN (SELECT id FROM chat.chat_sessions WHERE user_id = $1)`,
		`UPDATE chat.chat_messages SET message = '', sender_name = NULL, erased_at = clock_timestamp()
			WHERE erased_at IS NULL AND sender_id = $1`,
		// A client may write what it likes into its ids.
		`UPDATE chat.chat_messages SET client_msg_id = id::text WHERE sender_id = $1 AND client_msg_id <> id::text`,
		`DELETE FROM chat.read_marks WHERE user_id = $1`,
		`DELETE FROM chat.tickets WHERE user_id = $1`,
		`DELETE FROM chat.dead_letters WHERE position($1::text IN event::text) > 0`,
	} {
		if _, err := tx.Exec(ctx, sql, userID); err != nil {
			return nil, fmt.Errorf("forget a person: %w", err)
		}
	}

	if err := s.jobs.Insert(ctx, tx, ReportErased{UserID: userID}, nil); err != nil {
		return nil, err
	}

	return closed, nil
}
