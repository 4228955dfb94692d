package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Enter implements chat.Store. Nearly always there is a session; after a failure thousands come back to theirs, so that
// costs one statement.
func (s *Store) Enter(ctx context.Context, userID uuid.UUID) (entered chat.Session, overdue *chat.Session, err error) {
	found, err := session(ctx, s.pool, `
		UPDATE chat.chat_sessions SET last_activity_at = clock_timestamp()
		WHERE user_id = $1 AND status = 'active' AND last_activity_at > clock_timestamp() - `+idle+`
		RETURNING `+sessionColumns, userID)
	if err == nil && found == nil {
		found, overdue, err = s.begin(ctx, userID)
	}

	if err != nil {
		return chat.Session{}, nil, fmt.Errorf("enter a chat session: %w", err)
	}

	return *found, overdue, nil
}

// begin makes a session, and closes one whose time is over. Two connections that come at once get the same session: the
// second insert waits for the first and then finds its row.
func (s *Store) begin(ctx context.Context, userID uuid.UUID) (begun, overdue *chat.Session, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, nil, fmt.Errorf("make a session id: %w", err)
	}

	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		overdue, err = session(ctx, tx, `
			UPDATE chat.chat_sessions SET status = 'closed', closed_at = clock_timestamp(), closed_reason = 'idle'
			WHERE user_id = $1 AND status = 'active' AND last_activity_at <= clock_timestamp() - `+idle+`
			RETURNING `+sessionColumns, userID)
		if err != nil {
			return err
		}

		begun, err = session(ctx, tx, `
			INSERT INTO chat.chat_sessions (id, user_id) VALUES ($1, $2)
			ON CONFLICT (user_id) WHERE status = 'active' DO UPDATE SET last_activity_at = clock_timestamp()
			RETURNING `+sessionColumns, id, userID)

		return err
	})

	return begun, overdue, err
}

// Find implements chat.Store.
func (s *Store) Find(ctx context.Context, id uuid.UUID) (chat.Session, error) {
	found, err := session(ctx, s.pool, `SELECT `+sessionColumns+` FROM chat.chat_sessions WHERE id = $1`, id)
	if err != nil {
		return chat.Session{}, fmt.Errorf("find a chat session: %w", err)
	}

	if found == nil {
		return chat.Session{}, chaterrs.SessionNotFound
	}

	return *found, nil
}

// Close implements chat.Store.
func (s *Store) Close(ctx context.Context, id uuid.UUID) (chat.Session, bool, error) {
	closed, err := session(ctx, s.pool, `
		UPDATE chat.chat_sessions SET status = 'closed', closed_at = clock_timestamp(), closed_reason = 'admin'
		WHERE id = $1 AND status = 'active' RETURNING `+sessionColumns, id)
	if err != nil {
		return chat.Session{}, false, fmt.Errorf("close a chat session: %w", err)
	}

	if closed != nil {
		return *closed, true, nil
	}

	found, err := s.Find(ctx, id)

	return found, false, err
}

// CloseIdle implements chat.Store.
func (s *Store) CloseIdle(ctx context.Context, limit int) ([]chat.Session, error) {
	closed, err := sessions(ctx, s.pool, `
		UPDATE chat.chat_sessions SET status = 'closed', closed_at = clock_timestamp(), closed_reason = 'idle'
		WHERE id IN (
			SELECT id FROM chat.chat_sessions WHERE status = 'active' AND last_activity_at <= now() - `+idle+`
			ORDER BY last_activity_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING `+sessionColumns, limit)
	if err != nil {
		return nil, fmt.Errorf("close idle chat sessions: %w", err)
	}

	return closed, nil
}

// Active implements chat.Store.
func (s *Store) Active(ctx context.Context) ([]chat.Session, error) {
	found, err := sessions(ctx, s.pool, `
		SELECT `+sessionColumns+` FROM chat.chat_sessions WHERE status = 'active' ORDER BY last_activity_at DESC, id DESC`)
	if err != nil {
		return nil, fmt.Errorf("list all open chat sessions: %w", err)
	}

	return found, nil
}

// ListActive implements chat.Store.
func (s *Store) ListActive(ctx context.Context, viewer uuid.UUID, after *chat.Position, limit int) ([]chat.Summary, error) {
	args := pgx.NamedArgs{"viewer": viewer, "limit": limit}

	beyond := ""
	if after != nil {
		beyond = "AND (last_activity_at, id) < (@after, @after_id)"
		args["after"], args["after_id"] = after.LastActivityAt, after.ID
	}

	rows, err := s.pool.Query(ctx, `
		SELECT `+sessionColumns+`, (
			SELECT count(*) FROM chat.chat_messages m
			WHERE m.session_id = s.id AND m.sender <> 'admin' AND m.seq > coalesce((
				SELECT seq FROM chat.read_marks r WHERE r.session_id = s.id AND r.user_id = @viewer), 0)) AS unread
		FROM chat.chat_sessions s WHERE status = 'active' `+beyond+`
		ORDER BY last_activity_at DESC, id DESC LIMIT @limit`, args)
	if err != nil {
		return nil, fmt.Errorf("list open chat sessions: %w", err)
	}

	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (chat.Summary, error) {
		row, err := pgx.RowToStructByName[struct {
			sessionRow

			Unread int64 `db:"unread"`
		}](r)

		return chat.Summary{Session: row.session(), Unread: row.Unread}, err
	})
	if err != nil {
		return nil, fmt.Errorf("list open chat sessions: %w", err)
	}

	return found, nil
}

// CountActive implements chat.Store.
func (s *Store) CountActive(ctx context.Context) (count int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM chat.chat_sessions WHERE status = 'active'`).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("count open chat sessions: %w", err)
	}

	return count, nil
}

// ChangedSince returns the sessions in which something was said, or which closed, since a moment of the database's
// clock, and that clock's time before it looked. A session that was closed before is not in it.
func (s *Store) ChangedSince(ctx context.Context, since time.Time) (found []chat.Session, now time.Time, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return nil, time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
	}

	if since.IsZero() {
		return nil, now, nil
	}

	found, err = sessions(ctx, s.pool, `
		SELECT `+sessionColumns+` FROM chat.chat_sessions WHERE status = 'active' AND last_activity_at >= $1
		UNION ALL
		SELECT `+sessionColumns+` FROM chat.chat_sessions WHERE status = 'closed' AND closed_at >= $1`, since)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look for changed chat sessions: %w", err)
	}

	return found, now, nil
}
