package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

// letterNotification is the kind of a letter that carries a notification.
const letterNotification user.LetterKind = "notification"

const recipientColumns = "id, email, full_name, language, email_notifications AS by_mail"

// Tell implements notification.Store.
func (s *Notifications) Tell(ctx context.Context, n *notification.Notice, to []uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if current, err := isCurrent(ctx, tx, n); err != nil || !current {
			return err
		}

		return s.TellInTx(ctx, tx, n, to)
	})
}

// TellAdmins implements notification.Store.
func (s *Notifications) TellAdmins(ctx context.Context, n *notification.Notice) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if current, err := isCurrent(ctx, tx, n); err != nil || !current {
			return err
		}

		return s.TellAdminsInTx(ctx, tx, n)
	})
}

// isCurrent reports whether the booking of a notice is still in the state of which the notice tells. Until the transaction
// ends no consumer tells of a newer one.
func isCurrent(ctx context.Context, tx pgx.Tx, n *notification.Notice) (bool, error) {
	if n.Facts.BookingID == nil || n.StateVersion == 0 {
		return true, nil
	}

	var told int64

	err := tx.QueryRow(ctx, "SELECT version FROM users.booking_states WHERE booking_id = $1 FOR SHARE",
		*n.Facts.BookingID).Scan(&told)
	if postgres.NotFound(err) {
		return true, nil
	}

	if err != nil {
		return false, fmt.Errorf("compare the state of a booking: %w", err)
	}

	return told <= n.StateVersion, nil
}

// Advance notes in the transaction that people are told of that state of the booking, and reports whether it is newer than
// what they know. The row's lock makes consumers of one booking wait for each other. States of before the numbers have
// version 0, and all of them count as new until a numbered one comes.
func (s *Notifications) Advance(ctx context.Context, tx pgx.Tx, bookingID uuid.UUID, version int64) (bool, error) {
	tag, err := tx.Exec(ctx, `INSERT INTO users.booking_states AS s (booking_id, version) VALUES ($1, $2)
		ON CONFLICT (booking_id) DO UPDATE SET version = excluded.version, updated_at = now()
		WHERE s.version < excluded.version OR excluded.version = 0 AND s.version = 0`, bookingID, version)
	if err != nil {
		return false, fmt.Errorf("note the state of a booking: %w", err)
	}

	return tag.RowsAffected() > 0, nil
}

// TellInTx tells the people in the transaction; unknown ones, and those who have left, are left out.
func (s *Notifications) TellInTx(ctx context.Context, tx pgx.Tx, n *notification.Notice, to []uuid.UUID) error {
	return s.tell(ctx, tx, n, QueuePeople, "id = ANY($1)", to)
}

// TellAdminsInTx tells all active admins in the transaction.
func (s *Notifications) TellAdminsInTx(ctx context.Context, tx pgx.Tx, n *notification.Notice) error {
	return s.tell(ctx, tx, n, QueueAdmins, "role = 'admin' AND status = 'active'")
}

func (s *Notifications) tell(
	ctx context.Context, tx pgx.Tx, n *notification.Notice, queue, who string, args ...any,
) error {
	recipients, err := postgres.List(ctx, tx, pgx.RowToStructByName[notification.Recipient],
		"SELECT "+recipientColumns+" FROM users.users WHERE "+present+" AND "+who, args...)
	if err != nil {
		return fmt.Errorf("read who is to be told: %w", err)
	}

	var created []any

	for i := range recipients {
		event, err := s.add(ctx, tx, n, &recipients[i], queue)
		if err != nil {
			return err
		}

		if event != nil {
			created = append(created, event)
		}
	}

	return s.outbox.PublishAll(ctx, tx, userevents.TopicNotificationCreated, created)
}

// add keeps one notification and its letter, and returns what announces it: nil if the recipient was told before.
func (s *Notifications) add(
	ctx context.Context, tx pgx.Tx, n *notification.Notice, to *notification.Recipient, queue string,
) (*userevents.NotificationCreated, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make a notification id: %w", err)
	}

	created := userevents.NotificationCreated{
		EventType:      userevents.TypeNotificationCreated,
		NotificationID: id,
		UserID:         to.ID,
	}

	err = tx.QueryRow(ctx, `INSERT INTO users.notifications (id, user_id, type, data, dedup, booking_id, state_version)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING RETURNING created_at`,
		id, to.ID, n.Type, n.Facts, n.Key, n.Facts.BookingID, n.StateVersion).Scan(&created.Timestamp)
	if postgres.NotFound(err) {
		return nil, nil //nolint:nilnil // nothing to announce
	}

	if err != nil {
		return nil, fmt.Errorf("keep a notification: %w", err)
	}

	created.Timestamp = created.Timestamp.UTC()

	if !to.ByMail {
		return &created, nil
	}

	l := user.Letter{ID: id, Kind: letterNotification, UserID: to.ID}

	return &created, insertLetter(ctx, tx, s.outbox, &l, &id, queue)
}
