package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

// Notifications implements notification.Store.
type Notifications struct {
	pool    *pgxpool.Pool
	outbox  outbox.Publisher
	letters *Letters
}

var _ notification.Store = (*Notifications)(nil)

// NewNotifications returns a store on the pool of the role user_service; letters are those that it adds to.
func NewNotifications(pool *pgxpool.Pool, publisher outbox.Publisher, letters *Letters) *Notifications {
	return &Notifications{pool: pool, outbox: publisher, letters: letters}
}

// notificationColumns read a notification n with its student s.
const (
	notificationColumns = `n.id, n.user_id, n.type, n.data AS facts, coalesce(s.full_name, '') AS student_name,
		n.read_at, n.created_at`
	withStudent = ` LEFT JOIN users.users s ON s.id = (n.data ->> 'student_id')::uuid`
)

type notificationRow struct {
	ID          uuid.UUID
	UserID      uuid.UUID
	Type        notification.Type
	Facts       notification.Facts
	StudentName string
	ReadAt      *time.Time
	CreatedAt   time.Time
}

func (r *notificationRow) domain() notification.Notification {
	return notification.Notification{
		ID:          r.ID,
		UserID:      r.UserID,
		Type:        r.Type,
		Facts:       r.Facts,
		StudentName: r.StudentName,
		ReadAt:      utc(r.ReadAt),
		CreatedAt:   r.CreatedAt.UTC(),
	}
}

// readerOf reads what a page says of its reader.
const readerOf = `SELECT language, (SELECT count(*) FROM users.notifications WHERE user_id = $1 AND read_at IS NULL)
	FROM users.users WHERE id = $1 AND ` + present

const listNotifications = `SELECT ` + notificationColumns + ` FROM users.notifications n` + withStudent

// wanted are the conditions of a list. That a notification is unread is spelled out, since only then its index serves.
func wanted(userID uuid.UUID, f notification.Filter, after *notification.Position) *postgres.Conditions {
	var where postgres.Conditions
	where.Add("n.user_id = ?", userID)

	switch {
	case f.Unread == nil:
	case *f.Unread:
		where.Add("n.read_at IS NULL")
	default:
		where.Add("n.read_at IS NOT NULL")
	}

	if after != nil {
		where.Add("(n.created_at, n.id) < (?, ?)", after.CreatedAt, after.ID)
	}

	return &where
}

// ListNotifications implements notification.Store. The list and the count are of one moment.
func (s *Notifications) ListNotifications(
	ctx context.Context, userID uuid.UUID, f notification.Filter, after *notification.Position, limit int,
) (notification.Page, error) {
	var page notification.Page

	where := wanted(userID, f, after)
	sql := listNotifications + where.Where() + " ORDER BY n.created_at DESC, n.id DESC LIMIT " + where.Value(limit)

	err := postgres.InSnapshot(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, readerOf, userID).Scan(&page.Language, &page.UnreadCount)
		if postgres.NotFound(err) {
			return usererrs.NotFound
		}

		if err != nil {
			return fmt.Errorf("count notifications: %w", err)
		}

		page.Items, err = postgres.List(ctx, tx, scanNotification, sql, where.Args()...)
		if err != nil {
			return fmt.Errorf("read notifications: %w", err)
		}

		return nil
	})

	return page, err
}

func scanNotification(r pgx.CollectableRow) (notification.Notification, error) {
	found, err := pgx.RowToStructByName[notificationRow](r)
	return found.domain(), err
}

// MarkNotificationRead implements notification.Store.
func (s *Notifications) MarkNotificationRead(ctx context.Context, userID, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `UPDATE users.notifications SET read_at = coalesce(read_at, now())
		WHERE id = $1 AND user_id = $2`, id, userID)
	if err != nil {
		return fmt.Errorf("mark a notification as read: %w", err)
	}

	if tag.RowsAffected() == 0 {
		return usererrs.NotificationNotFound
	}

	return nil
}

// MarkAllNotificationsRead implements notification.Store.
func (s *Notifications) MarkAllNotificationsRead(ctx context.Context, userID uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `UPDATE users.notifications SET read_at = now() WHERE user_id = $1 AND read_at IS NULL`, userID)
	if err != nil {
		return fmt.Errorf("mark notifications as read: %w", err)
	}

	return nil
}

const frameQuery = `SELECT ` + notificationColumns + `, u.language,
	(SELECT count(*) FROM users.notifications m WHERE m.user_id = n.user_id AND m.read_at IS NULL) AS unread_count
	FROM users.notifications n JOIN users.users u ON u.id = n.user_id` + withStudent + ` WHERE n.id = ANY($1)`

// Frames implements notification.Store.
func (s *Notifications) Frames(ctx context.Context, ids []uuid.UUID) ([]notification.Frame, error) {
	type row struct {
		notificationRow

		Language    user.Language
		UnreadCount int64
	}

	found, err := postgres.List(ctx, s.pool, pgx.RowToAddrOfStructByName[row], frameQuery, ids)
	if err != nil {
		return nil, fmt.Errorf("read notifications: %w", err)
	}

	frames := make([]notification.Frame, len(found))

	for i, r := range found {
		n := r.domain()

		title, _, err := n.Text(r.Language)
		if err != nil {
			return nil, err
		}

		frames[i] = notification.Frame{
			ID:          n.ID,
			UserID:      n.UserID,
			Type:        n.Type,
			Title:       title,
			UnreadCount: r.UnreadCount,
		}
	}

	return frames, nil
}
