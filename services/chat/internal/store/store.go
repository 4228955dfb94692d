// Package store keeps sessions, messages, read marks and tickets in the schema chat.
package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/clock"
)

// Schema is where the tables are, and Role who owns them.
const (
	Schema = "chat"
	Role   = "chat_service"
)

// Jobs takes jobs in the transaction that makes them necessary; the outbox does.
type Jobs interface {
	Insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, options *river.InsertOpts) error
}

// Store implements chat.Store, and what package hub reads.
type Store struct {
	pool  *pgxpool.Pool
	jobs  Jobs
	clock clock.Clock
}

var _ chat.Store = (*Store)(nil)

// New returns the store on a pool whose role owns the schema.
func New(pool *pgxpool.Pool, jobs Jobs, c clock.Clock) *Store {
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

// markedSession reads a session with the read marks of who asks and of the other side.
func markedSession(r pgx.CollectableRow) (chat.Session, error) {
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

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// sessions returns the sessions of a query that selects sessionColumns.
func sessions(ctx context.Context, q querier, sql string, args ...any) ([]chat.Session, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}

	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (chat.Session, error) {
		found, err := pgx.RowToStructByName[sessionRow](r)
		return found.session(), err
	})
}

// session returns the first session of a query that selects sessionColumns, or nil when it finds none.
func session(ctx context.Context, q querier, sql string, args ...any) (*chat.Session, error) {
	found, err := sessions(ctx, q, sql, args...)
	if err != nil || len(found) == 0 {
		return nil, err
	}

	return &found[0], nil
}
