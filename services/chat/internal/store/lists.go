package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/postgres"
)

// List implements chat.Store.
func (s *Store) List(ctx context.Context, q *chat.ListQuery) ([]chat.Summary, error) {
	where := conditions(q)
	viewer, admin := where.Value(q.Viewer.UserID), where.Value(q.Viewer.Admin())

	// What the other side has said: admins count what persons write, persons what admins write.
	found, err := postgres.List(ctx, s.pool, scanSummary, `
		SELECT `+sessionColumns+`, (
			SELECT count(*) FROM chat.chat_messages m
			WHERE m.session_id = s.id AND (m.sender = 'admin') <> `+admin+` AND m.seq > coalesce((
				SELECT seq FROM chat.read_marks r WHERE r.session_id = s.id AND r.user_id = `+viewer+`), 0)) AS unread
		FROM chat.chat_sessions s`+where.Where()+`
		ORDER BY last_activity_at DESC, id DESC LIMIT `+where.Value(q.Limit), where.Args()...)
	if err != nil {
		return nil, fmt.Errorf("list chat sessions: %w", err)
	}

	return found, nil
}

func scanSummary(r pgx.CollectableRow) (chat.Summary, error) {
	row, err := pgx.RowToStructByName[struct {
		sessionRow

		Unread int64 `db:"unread"`
	}](r)

	return chat.Summary{Session: row.session(), Unread: row.Unread}, err
}

func conditions(q *chat.ListQuery) *postgres.Conditions {
	var where postgres.Conditions
	if !q.Viewer.Admin() {
		where.Add("user_id = ?", q.Viewer.UserID)
	}

	postgres.AddSpelled(&where, "status = ?", q.Status, chat.Active)

	// Spelled out, since only then the index of the unanswered ones serves.
	switch {
	case q.Unanswered == nil:
	case *q.Unanswered:
		where.Add("unanswered")
	default:
		where.Add("NOT unanswered")
	}

	if q.After != nil {
		where.Add("(last_activity_at, id) < (?, ?)", q.After.LastActivityAt, q.After.ID)
	}

	return &where
}
