package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
)

// List implements chat.Store.
func (s *Store) List(ctx context.Context, q *chat.ListQuery) ([]chat.Summary, error) {
	where, args := conditions(q)

	// What the other side has said: admins count what persons write, persons what admins write.
	rows, err := s.pool.Query(ctx, `
		SELECT `+sessionColumns+`, (
			SELECT count(*) FROM chat.chat_messages m
			WHERE m.session_id = s.id AND (m.sender = 'admin') <> @admin AND m.seq > coalesce((
				SELECT seq FROM chat.read_marks r WHERE r.session_id = s.id AND r.user_id = @viewer), 0)) AS unread
		FROM chat.chat_sessions s `+where+`
		ORDER BY last_activity_at DESC, id DESC LIMIT @limit`, args)
	if err != nil {
		return nil, fmt.Errorf("list chat sessions: %w", err)
	}

	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (chat.Summary, error) {
		row, err := pgx.RowToStructByName[struct {
			sessionRow

			Unread int64 `db:"unread"`
		}](r)

		return chat.Summary{Session: row.session(), Unread: row.Unread}, err
	})
	if err != nil {
		return nil, fmt.Errorf("list chat sessions: %w", err)
	}

	return found, nil
}

func conditions(q *chat.ListQuery) (where string, args pgx.NamedArgs) {
	args = pgx.NamedArgs{"viewer": q.Viewer.UserID, "admin": q.Viewer.Admin(), "limit": q.Limit}

	var all []string
	if !q.Viewer.Admin() {
		all = append(all, "user_id = @viewer")
	}

	if q.Status != nil {
		all = append(all, "status = @status")
		args["status"] = string(*q.Status)
	}

	switch {
	case q.Unanswered == nil:
	case *q.Unanswered:
		all = append(all, "unanswered")
	default:
		all = append(all, "NOT unanswered")
	}

	if q.After != nil {
		all = append(all, "(last_activity_at, id) < (@after, @after_id)")
		args["after"], args["after_id"] = q.After.LastActivityAt, q.After.ID
	}

	if len(all) == 0 {
		return "", args
	}

	return "WHERE " + strings.Join(all, " AND "), args
}
