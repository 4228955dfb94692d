package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/postgres"
)

// marks adds the read marks to entered sessions, which the query before names so.
const marks = `
	SELECT ` + sessionColumns + `,
		coalesce((SELECT seq FROM chat.read_marks r WHERE r.session_id = entered.id AND r.user_id = entered.user_id), 0) AS mine,
		coalesce((SELECT max(seq) FROM chat.read_marks r WHERE r.session_id = entered.id AND r.user_id <> entered.user_id), 0)
			AS others
	FROM entered`

// Enter implements chat.Store. Nearly always there is a session; after a failure thousands come back to theirs, so that
// costs one statement.
func (s *Store) Enter(ctx context.Context, userIDs []uuid.UUID) (map[uuid.UUID]chat.Entered, error) {
	all := make(map[uuid.UUID]chat.Entered, len(userIDs))

	found, err := s.enterOpen(ctx, userIDs)
	if err != nil {
		return nil, fmt.Errorf("enter chat sessions: %w", err)
	}

	for _, session := range found {
		all[session.UserID] = chat.Entered{Session: session}
	}

	var missing []uuid.UUID
	for _, id := range userIDs {
		if _, ok := all[id]; !ok {
			missing = append(missing, id)
		}
	}

	if len(missing) == 0 {
		return all, nil
	}

	if err := s.begin(ctx, missing, all); err != nil {
		return nil, fmt.Errorf("begin chat sessions: %w", err)
	}

	return all, nil
}

// enterOpen notes the activity in open sessions, whose rows are locked in the order that all transactions share. A person
// who connects is shown what was said, so it counts as delivered.
func (s *Store) enterOpen(ctx context.Context, userIDs []uuid.UUID) ([]chat.Session, error) {
	return postgres.List(ctx, s.pool, scanMarked, `
		WITH open AS (
			SELECT id FROM chat.chat_sessions
			WHERE user_id = ANY($1) AND status = 'active' AND last_activity_at > clock_timestamp() - `+idle+`
			ORDER BY id FOR UPDATE
		), entered AS (
			UPDATE chat.chat_sessions s SET last_activity_at = clock_timestamp(), delivered_seq = s.last_seq
			FROM open WHERE s.id = open.id
			RETURNING s.*
		)`+marks, userIDs)
}

// begin makes sessions, and closes those whose time is over. Two connections that come at once get the same session: the
// second insert waits for the first and then finds its row.
func (s *Store) begin(ctx context.Context, userIDs []uuid.UUID, all map[uuid.UUID]chat.Entered) error {
	ids := make([]uuid.UUID, len(userIDs))
	for i := range ids {
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("make a session id: %w", err)
		}

		ids[i] = id
	}

	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		overdue, err := postgres.List(ctx, tx, scanSession, `
			UPDATE chat.chat_sessions SET `+closing+`'idle'
			WHERE id IN (
				SELECT id FROM chat.chat_sessions
				WHERE user_id = ANY($1) AND status = 'active' AND last_activity_at <= clock_timestamp() - `+idle+`
				ORDER BY id FOR UPDATE)
			RETURNING `+sessionColumns, userIDs)
		if err != nil {
			return err
		}

		if err := s.notifyUnanswered(ctx, tx, overdue); err != nil {
			return err
		}

		begun, err := insertSessions(ctx, tx, ids, userIDs)
		if err != nil {
			return err
		}

		for _, session := range begun {
			all[session.UserID] = chat.Entered{Session: session, Overdue: of(overdue, session.UserID)}
		}

		return nil
	})
}

func insertSessions(ctx context.Context, tx pgx.Tx, ids, userIDs []uuid.UUID) ([]chat.Session, error) {
	return postgres.List(ctx, tx, scanMarked, `
		WITH entered AS (
			INSERT INTO chat.chat_sessions AS s (id, user_id)
			SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS t (id, user_id) ORDER BY user_id
			ON CONFLICT (user_id) WHERE status = 'active'
			DO UPDATE SET last_activity_at = clock_timestamp(), delivered_seq = s.last_seq
			RETURNING s.*
		)`+marks, ids, userIDs)
}

// of returns a person's session among those that are overdue.
func of(overdue []chat.Session, userID uuid.UUID) *chat.Session {
	for i := range overdue {
		if overdue[i].UserID == userID {
			return &overdue[i]
		}
	}

	return nil
}
