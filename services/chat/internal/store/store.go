// Package store keeps sessions, messages, read marks and tickets in the schema chat.
package store

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/outbox"
)

// Schema is where the tables are, and Role who owns them.
const (
	Schema = "chat"
	Role   = "chat_service"
)

// Store implements chat.Store, and what package hub reads.
type Store struct {
	pool  *pgxpool.Pool
	jobs  outbox.Jobs
	clock clock.Clock
}

var _ chat.Store = (*Store)(nil)

// New returns the store on a pool whose role owns the schema.
func New(pool *pgxpool.Pool, jobs outbox.Jobs, c clock.Clock) *Store {
	return &Store{pool: pool, jobs: jobs, clock: c}
}

// idle is chat.IdleAfter for intervals in SQL.
const idle = `interval '30 minutes'`

const sessionColumns = `id, user_id, status, last_seq, opened_seq, started_at, last_activity_at, closed_at,
	coalesce(closed_reason, '') AS reason, unanswered`

// sessionRow has the fields of sessionColumns.
type sessionRow struct {
	ID             uuid.UUID        `db:"id"`
	UserID         uuid.UUID        `db:"user_id"`
	Status         chat.Status      `db:"status"`
	LastSeq        int64            `db:"last_seq"`
	OpenedSeq      int64            `db:"opened_seq"`
	StartedAt      time.Time        `db:"started_at"`
	LastActivityAt time.Time        `db:"last_activity_at"`
	ClosedAt       *time.Time       `db:"closed_at"`
	Reason         chat.CloseReason `db:"reason"`
	Unanswered     bool             `db:"unanswered"`
}

func (r *sessionRow) session() chat.Session {
	if r.ClosedAt != nil {
		r.ClosedAt = new(r.ClosedAt.UTC())
	}

	return chat.Session{
		ID:             r.ID,
		UserID:         r.UserID,
		Status:         r.Status,
		LastSeq:        r.LastSeq,
		OpenedSeq:      r.OpenedSeq,
		StartedAt:      r.StartedAt.UTC(),
		LastActivityAt: r.LastActivityAt.UTC(),
		ClosedAt:       r.ClosedAt,
		Reason:         r.Reason,
		Unanswered:     r.Unanswered,
	}
}

// scanMarked reads a session with the read marks of who asks and of the other side.
func scanMarked(r pgx.CollectableRow) (chat.Session, error) {
	row, err := pgx.RowToStructByName[struct {
		sessionRow

		Mine   int64 `db:"mine"`
		Others int64 `db:"others"`
	}](r)
	found := row.session()
	found.Read = chat.ReadMarks{Mine: row.Mine, Others: row.Others}

	return found, err
}

// pairs returns a map as two columns.
func pairs(of map[uuid.UUID]int64) (ids []uuid.UUID, seqs []int64) {
	for id, seq := range of {
		ids, seqs = append(ids, id), append(seqs, seq)
	}

	return ids, seqs
}

const messageColumns = `session_id, seq, id, sender, sender_id, coalesce(sender_name, '') AS sender_name, message, created_at, client_msg_id`

// messageRow has the fields of messageColumns.
type messageRow struct {
	SessionID   uuid.UUID `db:"session_id"`
	Seq         int64     `db:"seq"`
	ID          uuid.UUID `db:"id"`
	Sender      string    `db:"sender"`
	SenderID    uuid.UUID `db:"sender_id"`
	SenderName  string    `db:"sender_name"`
	Message     string    `db:"message"`
	CreatedAt   time.Time `db:"created_at"`
	ClientMsgID string    `db:"client_msg_id"`
}

// scanSession reads sessionColumns.
func scanSession(r pgx.CollectableRow) (chat.Session, error) {
	row, err := pgx.RowToStructByName[sessionRow](r)
	return row.session(), err
}

// scanMessage reads messageColumns.
func scanMessage(r pgx.CollectableRow) (chat.Message, error) {
	row, err := pgx.RowToStructByName[messageRow](r)

	return chat.Message{
		SessionID:   row.SessionID,
		Seq:         row.Seq,
		ID:          row.ID,
		Sender:      auth.Role(row.Sender),
		SenderID:    row.SenderID,
		SenderName:  row.SenderName,
		Text:        row.Message,
		At:          row.CreatedAt.UTC(),
		ClientMsgID: row.ClientMsgID,
	}, err
}
