package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	// onceConstraint is what a message violates that was written before, and oneActiveIndex what a session does that is
	// opened again while its person gets another one.
	onceConstraint = "chat_messages_once"
	oneActiveIndex = "chat_sessions_one_active"
	// raceTries is how often messages are written again because another replica was faster with one of them.
	raceTries = 3
)

// insertSQL gives drafts their numbers and writes them. What was written before is left out, and so is what its session
// does not take: an admin's message opens a closed session again, unless its person has another open one. The sessions'
// rows are locked until the commit, in an order that two transactions share, so that numbers become visible in their
// order; drafts that can't be written give their numbers back with the transaction.
const insertSQL = `
	WITH draft AS (
		SELECT * FROM unnest(
			@ids::uuid[], @sessions::uuid[], @senders::text[], @sender_ids::uuid[], @names::text[], @texts::text[],
			@client_msg_ids::text[])
		WITH ORDINALITY AS t (id, session_id, sender, sender_id, sender_name, message, client_msg_id, place)
	), fresh AS (
		SELECT DISTINCT ON (sender_id, client_msg_id) * FROM draft
		WHERE NOT EXISTS (
			SELECT FROM chat.chat_messages old
			WHERE old.sender_id = draft.sender_id AND old.client_msg_id = draft.client_msg_id)
		AND NOT EXISTS (SELECT FROM chat.erased_people e WHERE e.user_id = draft.sender_id)
		ORDER BY sender_id, client_msg_id, place
	), target AS (
		SELECT id, status, status = 'active' AND last_activity_at > clock_timestamp() - ` + idle + ` AS takes_all
		FROM chat.chat_sessions s
		WHERE id IN (SELECT session_id FROM fresh)
		AND (status = 'active' OR NOT EXISTS (
			SELECT FROM chat.chat_sessions other WHERE other.user_id = s.user_id AND other.status = 'active'))
		AND NOT EXISTS (SELECT FROM chat.erased_people e WHERE e.user_id = s.user_id)
		ORDER BY id FOR UPDATE
	), taken AS (
		SELECT fresh.*, row_number() OVER (PARTITION BY session_id ORDER BY place) AS n
		FROM fresh JOIN target ON target.id = fresh.session_id
		WHERE takes_all OR sender = 'admin'
	), counted AS (
		UPDATE chat.chat_sessions s SET
			last_seq = s.last_seq + more.n,
			last_activity_at = clock_timestamp(),
			last_person_seq = greatest(s.last_person_seq, s.last_seq + more.person_n),
			admin_read_seq = greatest(s.admin_read_seq, s.last_seq + more.admin_n),
			opened_seq = CASE s.status WHEN 'closed' THEN s.last_seq ELSE s.opened_seq END,
			status = 'active', closed_at = NULL, closed_reason = NULL
		FROM (
			SELECT session_id, count(*) AS n, max(n) FILTER (WHERE sender <> 'admin') AS person_n,
				max(n) FILTER (WHERE sender = 'admin') AS admin_n
			FROM taken GROUP BY session_id) more
		WHERE s.id = more.session_id
		RETURNING s.id, s.user_id, s.last_seq - more.n AS base, s.last_activity_at, s.opened_seq
	), written AS (
		INSERT INTO chat.chat_messages (id, session_id, seq, sender, sender_id, sender_name, message, client_msg_id, created_at)
		SELECT taken.id, session_id, base + n, sender, sender_id, nullif(sender_name, ''), message, client_msg_id, last_activity_at
		FROM taken JOIN counted ON counted.id = taken.session_id
		RETURNING id, session_id, seq, created_at
	), queued AS (
		INSERT INTO chat.unpublished_messages (message_id) SELECT id FROM written
	)
	SELECT written.id, seq, created_at, user_id, opened_seq
	FROM written JOIN counted ON counted.id = session_id ORDER BY session_id, seq`

// Append implements chat.Store.
func (s *Store) Append(ctx context.Context, drafts []*chat.Draft) ([]chat.Appended, error) {
	results, err := s.appendAll(ctx, drafts)
	for range raceTries {
		if name, ok := postgres.Constraint(err); !ok || (name != onceConstraint && name != oneActiveIndex) {
			break
		}

		// Another replica was faster with one of them. Tried again, that one is found.
		results, err = s.appendAll(ctx, drafts)
	}

	if err != nil {
		return nil, fmt.Errorf("append messages: %w", err)
	}

	for i := range results {
		if results[i].Message.Seq == 0 {
			results[i] = s.explain(ctx, drafts[i])
		}
	}

	return results, nil
}

// appendAll returns a message without a number for each draft that was not written. One statement is a transaction of
// its own; only admins' messages, which may open a session again, need another one beside it.
func (s *Store) appendAll(ctx context.Context, drafts []*chat.Draft) (results []chat.Appended, err error) {
	ids := make([]uuid.UUID, len(drafts))
	for i := range ids {
		if ids[i], err = uuid.NewV7(); err != nil {
			return nil, fmt.Errorf("make a message id: %w", err)
		}
	}

	if !slices.ContainsFunc(drafts, fromAdmin) {
		return insert(ctx, s.pool, ids, drafts)
	}

	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if results, err = insert(ctx, tx, ids, drafts); err != nil {
			return err
		}

		return s.tellReplies(ctx, tx, results)
	})

	return results, err
}

func fromAdmin(d *chat.Draft) bool { return d.Sender == auth.Admin }

// tellReplies leaves a job behind for each session that a message has opened again.
func (s *Store) tellReplies(ctx context.Context, tx pgx.Tx, results []chat.Appended) error {
	for i := range results {
		m := &results[i].Message
		if results[i].OpenedSeq == 0 || m.Seq != results[i].OpenedSeq+1 {
			continue
		}

		reply := TellReply{SessionID: m.SessionID, MessageID: m.ID, Seq: m.Seq}
		if err := s.jobs.Insert(ctx, tx, reply, s.afterReplyPatience()); err != nil {
			return err
		}
	}

	return nil
}

// writtenRow is what the database has added to a draft.
type writtenRow struct {
	ID        uuid.UUID `db:"id"`
	Seq       int64     `db:"seq"`
	CreatedAt time.Time `db:"created_at"`
	UserID    uuid.UUID `db:"user_id"`
	OpenedSeq int64     `db:"opened_seq"`
}

func insert(ctx context.Context, q postgres.Querier, ids []uuid.UUID, drafts []*chat.Draft) ([]chat.Appended, error) {
	n := len(drafts)
	sessions, senderIDs := make([]uuid.UUID, n), make([]uuid.UUID, n)

	senders, names, texts, clientMsgIDs := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, d := range drafts {
		sessions[i], senderIDs[i] = d.SessionID, d.SenderID
		senders[i], names[i], texts[i], clientMsgIDs[i] = string(d.Sender), d.SenderName, d.Text, d.ClientMsgID
	}

	written, err := postgres.List(ctx, q, pgx.RowToStructByName[writtenRow], insertSQL, pgx.NamedArgs{
		"ids": ids, "sessions": sessions, "senders": senders, "sender_ids": senderIDs, "names": names, "texts": texts,
		"client_msg_ids": clientMsgIDs,
	})
	if err != nil {
		return nil, err
	}

	results := make([]chat.Appended, n)
	for i := range written {
		row := &written[i]
		place := slices.Index(ids, row.ID)
		results[place].Publication = chat.Publication{Message: message(drafts[place], row), OpenedSeq: row.OpenedSeq}
	}

	return results, nil
}

func message(d *chat.Draft, row *writtenRow) chat.Message {
	return chat.Message{
		SessionID:   d.SessionID,
		Seq:         row.Seq,
		ID:          row.ID,
		Sender:      d.Sender,
		SenderID:    d.SenderID,
		SenderName:  d.SenderName,
		Text:        d.Text,
		At:          row.CreatedAt.UTC(),
		ClientMsgID: d.ClientMsgID,
	}
}

// explain returns the message that was written before, or says why this one was not.
func (s *Store) explain(ctx context.Context, d *chat.Draft) chat.Appended {
	found, err := postgres.Maybe(ctx, s.pool, scanMessage, `
		SELECT `+messageColumns+` FROM chat.chat_messages WHERE sender_id = $1 AND client_msg_id = $2`, d.SenderID, d.ClientMsgID)
	switch {
	case err != nil:
		return chat.Appended{Err: fmt.Errorf("look for a message that was written before: %w", err)}
	case found != nil && !d.SameAs(found):
		return chat.Appended{Err: errs.IdempotencyMismatch}
	case found != nil:
		return chat.Appended{Publication: chat.Publication{Message: *found}, Repeated: true}
	}

	if _, err := s.Find(ctx, d.SessionID); err != nil {
		return chat.Appended{Err: err}
	}

	return chat.Appended{Err: chaterrs.SessionClosed}
}
