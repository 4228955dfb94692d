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

// closing is what every UPDATE sets that closes sessions; the reason follows.
const closing = `status = 'closed', closed_at = clock_timestamp(), closed_reason = `

// Find implements chat.Store.
func (s *Store) Find(ctx context.Context, id uuid.UUID) (chat.Session, error) {
	found, err := postgres.Maybe(ctx, s.pool, scanSession, `SELECT `+sessionColumns+` FROM chat.chat_sessions WHERE id = $1`, id)
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
	closed, err := s.close(ctx, `
		UPDATE chat.chat_sessions SET `+closing+`'admin'
		WHERE id = $1 AND status = 'active' RETURNING `+sessionColumns, id)
	if err != nil {
		return chat.Session{}, false, fmt.Errorf("close a chat session: %w", err)
	}

	if len(closed) > 0 {
		return closed[0], true, nil
	}

	found, err := s.Find(ctx, id)

	return found, false, err
}

// CloseIdle implements chat.Store.
func (s *Store) CloseIdle(ctx context.Context, limit int) ([]chat.Session, error) {
	closed, err := s.close(ctx, `
		UPDATE chat.chat_sessions SET `+closing+`'idle'
		WHERE id IN (
			SELECT id FROM chat.chat_sessions WHERE status = 'active' AND last_activity_at <= now() - `+idle+`
			ORDER BY last_activity_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING `+sessionColumns, limit)
	if err != nil {
		return nil, fmt.Errorf("close idle chat sessions: %w", err)
	}

	return closed, nil
}

// close runs a statement that closes sessions and returns them, with the jobs that this makes necessary.
func (s *Store) close(ctx context.Context, sql string, args ...any) (closed []chat.Session, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if closed, err = postgres.List(ctx, tx, scanSession, sql, args...); err != nil {
			return err
		}

		return s.notifyUnanswered(ctx, tx, closed)
	})

	return closed, err
}

// Active implements chat.Store.
func (s *Store) Active(ctx context.Context, admin uuid.UUID) ([]chat.Session, error) {
	found, err := postgres.List(ctx, s.pool, scanMarked, `
		SELECT `+sessionColumns+`,
			coalesce((SELECT seq FROM chat.read_marks r WHERE r.session_id = s.id AND r.user_id = $1), 0) AS mine,
			coalesce((SELECT seq FROM chat.read_marks r WHERE r.session_id = s.id AND r.user_id = s.user_id), 0) AS others
		FROM chat.chat_sessions s
		WHERE status = 'active' ORDER BY last_activity_at DESC, id DESC`, admin)
	if err != nil {
		return nil, fmt.Errorf("list all open chat sessions: %w", err)
	}

	return found, nil
}

// Count implements chat.Store.
func (s *Store) Count(ctx context.Context) (counted chat.Stats, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM chat.chat_sessions WHERE status = 'active'),
			(SELECT count(*) FROM chat.chat_sessions WHERE unanswered)`).Scan(&counted.Active, &counted.Unanswered)
	if err != nil {
		return chat.Stats{}, fmt.Errorf("count chat sessions: %w", err)
	}

	return counted, nil
}

// ChangedSince returns the sessions in which something was said, or which closed, since a moment of the database's
// clock, and that clock's time before it looked. A session that was closed before is not in it.
func (s *Store) ChangedSince(ctx context.Context, since time.Time) (found []chat.Change, now time.Time, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return nil, time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
	}

	if since.IsZero() {
		return nil, now, nil
	}

	found, err = postgres.List(ctx, s.pool, scanChange, `
		SELECT `+changeColumns+` FROM chat.chat_sessions WHERE status = 'active' AND last_activity_at >= $1
		UNION ALL
		SELECT `+changeColumns+` FROM chat.chat_sessions WHERE status = 'closed' AND closed_at >= $1`, since)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look for changed chat sessions: %w", err)
	}

	return found, now, nil
}

const changeColumns = `id, status, last_seq, opened_seq, coalesce(closed_reason, '')`

// scanChange reads changeColumns by itself: every replica reads all sessions in which there was something in the last
// seconds, again and again.
func scanChange(row pgx.CollectableRow) (chat.Change, error) {
	var c chat.Change

	err := row.Scan(&c.ID, &c.Status, &c.LastSeq, &c.OpenedSeq, &c.Reason)

	return c, err
}

// NoteDelivered implements hub.Store.
func (s *Store) NoteDelivered(ctx context.Context, upTo map[uuid.UUID]int64) error {
	ids, seqs := pairs(upTo)

	_, err := s.pool.Exec(ctx, `
		UPDATE chat.chat_sessions s SET delivered_seq = reached.seq
		FROM unnest($1::uuid[], $2::bigint[]) AS reached (id, seq)
		WHERE s.id = reached.id AND s.delivered_seq < reached.seq`, ids, seqs)
	if err != nil {
		return fmt.Errorf("note what was delivered: %w", err)
	}

	return nil
}

// Undelivered returns whose session it is if the message has not reached a socket of the person yet, or uuid.Nil.
func (s *Store) Undelivered(ctx context.Context, id uuid.UUID, seq int64) (owner uuid.UUID, err error) {
	return s.owner(ctx, `SELECT user_id FROM chat.chat_sessions WHERE id = $1 AND delivered_seq < $2`, id, seq)
}

// Unanswered returns whose session it is if no admin has read it up to seq yet, or uuid.Nil.
func (s *Store) Unanswered(ctx context.Context, id uuid.UUID, seq int64) (owner uuid.UUID, err error) {
	return s.owner(ctx, `SELECT user_id FROM chat.chat_sessions WHERE id = $1 AND unanswered AND last_person_seq <= $2`, id, seq)
}

func (s *Store) owner(ctx context.Context, sql string, args ...any) (uuid.UUID, error) {
	found, err := postgres.Maybe(ctx, s.pool, pgx.RowTo[uuid.UUID], sql, args...)
	if err != nil {
		return uuid.Nil, fmt.Errorf("look at a chat session: %w", err)
	}

	if found == nil {
		return uuid.Nil, nil
	}

	return *found, nil
}
