package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

// letterNotification is the kind of a letter that carries a notification.
const letterNotification user.LetterKind = "notification"

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
// ends no consumer tells of a newer one. That a lesson is another teacher's now is true in whatever state: who gave it
// before is not told of its end.
func isCurrent(ctx context.Context, tx pgx.Tx, n *notification.Notice) (bool, error) {
	if n.Facts.BookingID == nil || n.StateVersion == 0 || n.Type == notification.LessonRevoked {
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

// TellInTx tells the people in the transaction; unknown ones, and those who have left, are left out, and teachers for whom
// it changes nothing.
func (s *Notifications) TellInTx(ctx context.Context, tx pgx.Tx, n *notification.Notice, to []uuid.UUID) error {
	if n.Type.ForTeachers() && n.Facts.BookingID != nil {
		var err error
		if to, err = changedFor(ctx, tx, n, to); err != nil {
			return err
		}
	}

	return s.tell(ctx, tx, n, letter.People, tellPeopleSQL, to)
}

// TellAdminsInTx tells all active admins in the transaction. Mails about bookings may gather.
func (s *Notifications) TellAdminsInTx(ctx context.Context, tx pgx.Tx, n *notification.Notice) error {
	lane := letter.Admins
	if n.Facts.BookingID != nil {
		lane = laneUnsorted
	}

	return s.tell(ctx, tx, n, lane, tellAdminsSQL)
}

// tellSQL keeps a notification for each of some people, and a letter where they want mail; a person who was told before is left
// out. Its ids are of version 7 (RFC 9562): milliseconds, version, chance.
func tellSQL(who string) string {
	return `
	WITH recipient AS (
		SELECT id, email_notifications AS by_mail, encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
			PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
			52, 1), 53, 1), 'hex')::uuid AS notification_id
		FROM users.users WHERE ` + present + ` AND ` + who + `),
	told AS (
		INSERT INTO users.notifications (id, user_id, type, data, dedup, booking_id, state_version)
		SELECT notification_id, id, $1::text, $2::jsonb, $3::text, $4::uuid, $5::bigint FROM recipient
		ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING RETURNING id, user_id, created_at),
	letter AS (
		INSERT INTO users.letters (id, kind, user_id, notification_id, booking_id, state_version, lane, due_at)
		SELECT t.id, $6::text, t.user_id, t.id, $4, $5, $7::text, clock_timestamp()
		FROM told t JOIN recipient r ON r.id = t.user_id WHERE r.by_mail)
	SELECT id, user_id, created_at FROM told`
}

var (
	tellPeopleSQL = tellSQL("id = ANY($8)")
	tellAdminsSQL = tellSQL("role = 'admin' AND status = 'active'")
)

// told is a person who was told something.
type told struct {
	ID, UserID uuid.UUID
	CreatedAt  time.Time
}

// tell runs one of the statements, whose further arguments say whom it is about, and has what it keeps announced, and sent
// in the lane.
func (s *Notifications) tell(
	ctx context.Context, tx pgx.Tx, n *notification.Notice, lane letter.Lane, sql string, who ...any,
) error {
	args := append([]any{n.Type, n.Facts, n.Key, n.Facts.BookingID, n.StateVersion, letterNotification, lane}, who...)

	all, err := postgres.List(ctx, tx, pgx.RowToStructByName[told], sql, args...)
	if err != nil {
		return fmt.Errorf("keep notifications: %w", err)
	}

	if len(all) == 0 {
		return nil
	}

	s.letters.committed(ctx, lane)

	created := make([]any, len(all))
	for i, t := range all {
		created[i] = &userevents.NotificationCreated{
			EventType:      userevents.TypeNotificationCreated,
			NotificationID: t.ID,
			UserID:         t.UserID,
			Timestamp:      t.CreatedAt.UTC(),
		}
	}

	return s.outbox.PublishAll(ctx, tx, userevents.TopicNotificationCreated, created)
}
