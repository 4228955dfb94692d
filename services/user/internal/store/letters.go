package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

// The queues of mail. Letters about accounts are never behind notifications, nor students' and teachers' notifications
// behind the copies for admins.
const (
	QueueAccounts = "mail_accounts"
	QueuePeople   = "mail_people"
	QueueAdmins   = "mail_admins"
)

// SendLetter are the arguments of the job that sends a letter. They hold nothing of what is in it.
type SendLetter struct {
	LetterID uuid.UUID `json:"letter_id"`
}

// Kind names the job in River's table.
func (SendLetter) Kind() string { return "send_letter" }

// AddLetter keeps a letter and sends it; repeating it with the same id changes nothing. It returns usererrs.NotFound if
// there is no such person.
func (s *Store) AddLetter(ctx context.Context, l *user.Letter) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := one(ctx, tx, "read a user", selectPresent, l.UserID); err != nil {
			return err
		}

		return addLetter(ctx, tx, s.outbox, l)
	})
}

// addLetter keeps a letter about an account in the transaction.
func addLetter(ctx context.Context, tx pgx.Tx, publisher outbox.Publisher, l *user.Letter) error {
	tag, err := tx.Exec(ctx, `INSERT INTO users.letters (id, kind, user_id, address, token, expires_at)
		VALUES ($1, $2, $3, nullif($4, ''), nullif($5, ''), $6) ON CONFLICT (id) DO NOTHING`,
		l.ID, l.Kind, l.UserID, l.Address, l.Token, l.ExpiresAt)
	if err != nil {
		return fmt.Errorf("keep a letter: %w", err)
	}

	if tag.RowsAffected() == 0 {
		return nil
	}

	return publisher.Insert(ctx, tx, SendLetter{LetterID: l.ID}, &river.InsertOpts{Queue: QueueAccounts})
}

var (
	// ErrNoLetter says that a letter is gone: it has left, or its person has.
	ErrNoLetter = errors.New("there is no such letter any more")
	// ErrEarlierLetter says that an earlier state of the same booking has to be told to the same person first.
	ErrEarlierLetter = errors.New("an earlier letter has to leave first")
)

// selectLetter reads what is left to send, its notification if it has one, and whether the same person still has to get
// what happened to the same booking before.
const selectLetter = `SELECT l.id, l.kind, l.token, l.created_at, u.id AS user_id, coalesce(l.address, u.email) AS email,
		u.full_name, u.language, coalesce(n.state_version, 0) AS state_version,
		n.id AS notification_id, n.type, n.data AS facts, coalesce(s.full_name, '') AS student_name, n.created_at AS told_at,
		EXISTS (SELECT FROM users.notifications e JOIN users.letters x ON x.notification_id = e.id
			WHERE e.user_id = n.user_id AND e.booking_id = n.booking_id AND e.state_version < n.state_version
			AND x.done_at IS NULL) AS must_wait
	FROM users.letters l JOIN users.users u ON u.id = l.user_id AND u.erased_at IS NULL
	LEFT JOIN users.notifications n ON n.id = l.notification_id
	LEFT JOIN users.users s ON s.id = (n.data ->> 'student_id')::uuid
	WHERE l.id = $1 AND l.done_at IS NULL`

type letterRow struct {
	ID             uuid.UUID
	Kind           user.LetterKind
	Token          *string
	CreatedAt      time.Time
	UserID         uuid.UUID
	Email          string
	FullName       string
	Language       user.Language
	StateVersion   int64
	NotificationID *uuid.UUID
	Type           *notification.Type
	Facts          *notification.Facts
	StudentName    string
	ToldAt         *time.Time
	MustWait       bool
}

func (r *letterRow) domain() letter.Letter {
	l := letter.Letter{
		ID:           r.ID,
		Kind:         r.Kind,
		CreatedAt:    r.CreatedAt.UTC(),
		StateVersion: r.StateVersion,
		To: notification.Recipient{
			ID:       r.UserID,
			Email:    r.Email,
			FullName: r.FullName,
			Language: r.Language,
		},
	}
	if r.Token != nil {
		l.Token = *r.Token
	}

	if r.NotificationID != nil {
		l.Notification = &notification.Notification{
			ID:          *r.NotificationID,
			UserID:      r.UserID,
			Type:        *r.Type,
			Facts:       *r.Facts,
			StudentName: r.StudentName,
			CreatedAt:   r.ToldAt.UTC(),
		}
	}

	return l
}

// Letter returns a letter that has to leave now: ErrNoLetter if it is gone, ErrEarlierLetter if it has to wait.
func (s *Notifications) Letter(ctx context.Context, id uuid.UUID) (letter.Letter, error) {
	r, err := postgres.One(ctx, s.pool, pgx.RowToAddrOfStructByName[letterRow], selectLetter, id)
	if postgres.NotFound(err) {
		return letter.Letter{}, ErrNoLetter
	}

	if err != nil {
		return letter.Letter{}, fmt.Errorf("read a letter: %w", err)
	}

	if r.MustWait {
		return letter.Letter{}, ErrEarlierLetter
	}

	return r.domain(), nil
}

// CloseLetter notes that a letter has left, or never will, and drops what was in it.
func (s *Notifications) CloseLetter(ctx context.Context, id uuid.UUID) error {
	_, err := s.pool.Exec(ctx, "UPDATE users.letters SET done_at = now(), token = NULL, address = NULL WHERE id = $1", id)
	if err != nil {
		return fmt.Errorf("close a letter: %w", err)
	}

	return nil
}
