package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/notification"
)

// MailQueue holds the jobs that send mail. They go one by one, and nothing else waits for them.
const MailQueue = "mail"

// SendMail are the arguments of the job that sends a notification by mail.
type SendMail struct {
	NotificationID uuid.UUID `json:"notification_id"`
}

// Kind names the job in River's table.
func (SendMail) Kind() string { return "send_mail" }

// InsertOpts puts the job into its queue.
func (SendMail) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: MailQueue} }

// InsertJob puts a job into the outbox in the transaction.
type InsertJob func(ctx context.Context, tx pgx.Tx, args river.JobArgs, options *river.InsertOpts) error

// Notifications implements notification.Store, and writes what it shows.
type Notifications struct {
	pool   *pgxpool.Pool
	insert InsertJob
}

var _ notification.Store = (*Notifications)(nil)

// NewNotifications returns a store on the pool of the role user_service.
func NewNotifications(pool *pgxpool.Pool, insert InsertJob) *Notifications {
	return &Notifications{pool: pool, insert: insert}
}

const recipientColumns = "id, email, full_name, language"

// Recipient returns a person, in the transaction; false if there is no such person.
func (s *Notifications) Recipient(ctx context.Context, tx pgx.Tx, id uuid.UUID) (notification.Recipient, bool, error) {
	found, err := recipients(ctx, tx, "SELECT "+recipientColumns+" FROM users.users WHERE id = $1", id)
	if err != nil || len(found) == 0 {
		return notification.Recipient{}, false, err
	}

	return found[0], true, nil
}

// Admins returns every active admin, in the transaction.
func (s *Notifications) Admins(ctx context.Context, tx pgx.Tx) ([]notification.Recipient, error) {
	return recipients(ctx, tx, "SELECT "+recipientColumns+" FROM users.users WHERE role = 'admin' AND status = 'active'")
}

func recipients(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]notification.Recipient, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read who is to be told: %w", err)
	}

	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[notification.Recipient])
	if err != nil {
		return nil, fmt.Errorf("read who is to be told: %w", err)
	}

	return found, nil
}

// Add keeps a notification and sends it by mail, if and only if the transaction commits.
func (s *Notifications) Add(ctx context.Context, tx pgx.Tx, n *notification.Notification) error {
	_, err := tx.Exec(ctx, `INSERT INTO users.notifications (id, user_id, type, title, body, data)
		VALUES ($1, $2, $3, $4, $5, $6)`, n.ID, n.UserID, n.Type, n.Title, n.Body, n.Data)
	if err != nil {
		return fmt.Errorf("keep a notification: %w", err)
	}

	return s.insert(ctx, tx, SendMail{NotificationID: n.ID}, nil)
}

const notificationColumns = "n.id, n.user_id, n.type, n.title, n.body, n.data, n.read_at, n.created_at"

type notificationRow struct {
	ID        uuid.UUID
	UserID    uuid.UUID
	Type      notification.Type
	Title     string
	Body      string
	Data      json.RawMessage
	ReadAt    *time.Time
	CreatedAt time.Time
}

func (r *notificationRow) domain() notification.Notification {
	return notification.Notification{
		ID:        r.ID,
		UserID:    r.UserID,
		Type:      r.Type,
		Title:     r.Title,
		Body:      r.Body,
		Data:      r.Data,
		ReadAt:    utc(r.ReadAt),
		CreatedAt: r.CreatedAt.UTC(),
	}
}

// ListNotifications implements notification.Store.
func (s *Notifications) ListNotifications(
	ctx context.Context, userID uuid.UUID, after *notification.Position, limit int,
) ([]notification.Notification, error) {
	var (
		createdAt *time.Time
		id        *uuid.UUID
	)
	if after != nil {
		createdAt, id = &after.CreatedAt, &after.ID
	}

	rows, err := s.pool.Query(ctx, `SELECT `+notificationColumns+` FROM users.notifications n
		WHERE n.user_id = $1 AND ($2::timestamptz IS NULL OR (n.created_at, n.id) < ($2, $3))
		ORDER BY n.created_at DESC, n.id DESC LIMIT $4`, userID, createdAt, id, limit)
	if err != nil {
		return nil, fmt.Errorf("list notifications: %w", err)
	}

	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[notificationRow])
	if err != nil {
		return nil, fmt.Errorf("list notifications: %w", err)
	}

	items := make([]notification.Notification, len(found))
	for i, r := range found {
		items[i] = r.domain()
	}

	return items, nil
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

// Letter returns a notification with whom it is for as they are now, or notification.ErrNotFound.
func (s *Notifications) Letter(ctx context.Context, id uuid.UUID) (notification.Letter, error) {
	var (
		r  notificationRow
		to notification.Recipient
	)

	err := s.pool.QueryRow(ctx, `SELECT `+notificationColumns+`, u.id, u.email, u.full_name, u.language
		FROM users.notifications n JOIN users.users u ON u.id = n.user_id WHERE n.id = $1`, id).
		Scan(&r.ID, &r.UserID, &r.Type, &r.Title, &r.Body, &r.Data, &r.ReadAt, &r.CreatedAt,
			&to.ID, &to.Email, &to.FullName, &to.Language)
	if postgres.NotFound(err) {
		return notification.Letter{}, usererrs.NotificationNotFound
	}

	if err != nil {
		return notification.Letter{}, fmt.Errorf("read a letter: %w", err)
	}

	return notification.Letter{Notification: r.domain(), To: to}, nil
}
