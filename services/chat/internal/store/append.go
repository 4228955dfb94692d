package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	chaterrs "github.com/shema-music/shema/services/contracts/chat/errs"
	chatevents "github.com/shema-music/shema/services/contracts/chat/events"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	// onceConstraint is what a message violates that was written before.
	onceConstraint = "chat_messages_once"
	// raceTries is how often messages are written again because another replica was faster with one of them.
	raceTries = 3
)

// insertSQL gives drafts their numbers and writes them. What was written before is left out, and so is what its
// session does not take. The sessions' rows are locked until the commit, in an order that two transactions share, so
// that numbers become visible in their order; drafts that can't be written give their numbers back with the transaction.
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
		ORDER BY sender_id, client_msg_id, place
	), open AS (
		SELECT id FROM chat.chat_sessions
		WHERE id IN (SELECT session_id FROM fresh) AND status = 'active' AND last_activity_at > clock_timestamp() - ` + idle + `
		ORDER BY id FOR UPDATE
	), counted AS (
		UPDATE chat.chat_sessions s SET last_seq = last_seq + more.n, last_activity_at = clock_timestamp()
		FROM (SELECT session_id, count(*) AS n FROM fresh JOIN open ON open.id = fresh.session_id GROUP BY session_id) more
		WHERE s.id = more.session_id
		RETURNING s.id, s.user_id, s.last_seq - more.n AS base, s.last_activity_at
	), written AS (
		INSERT INTO chat.chat_messages (id, session_id, seq, sender, sender_id, sender_name, message, client_msg_id, created_at)
		SELECT fresh.id, session_id, base + row_number() OVER (PARTITION BY session_id ORDER BY place), sender, sender_id,
			nullif(sender_name, ''), message, client_msg_id, last_activity_at
		FROM fresh JOIN counted ON counted.id = fresh.session_id
		RETURNING id, session_id, seq, created_at
	)
	SELECT written.id, seq, created_at, user_id FROM written JOIN counted ON counted.id = session_id ORDER BY session_id, seq`

// Append implements chat.Store.
func (s *Store) Append(ctx context.Context, drafts []*chat.Draft) ([]chat.Appended, error) {
	results, err := s.appendAll(ctx, drafts)
	for range raceTries {
		if name, ok := postgres.Constraint(err); !ok || name != onceConstraint {
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

// appendAll returns a message without a number for each draft that was not written.
func (s *Store) appendAll(ctx context.Context, drafts []*chat.Draft) (results []chat.Appended, err error) {
	ids := make([]uuid.UUID, len(drafts))
	for i := range ids {
		if ids[i], err = uuid.NewV7(); err != nil {
			return nil, fmt.Errorf("make a message id: %w", err)
		}
	}

	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		written, err := insert(ctx, tx, ids, drafts)
		if err != nil {
			return err
		}

		var happened []any

		results = make([]chat.Appended, len(drafts))
		for i, d := range drafts {
			if row, ok := written[ids[i]]; ok {
				results[i].Message = message(ids[i], d, row)
				happened = append(happened, event(&results[i].Message, row.UserID))
			}
		}

		return s.outbox.PublishAll(ctx, tx, chatevents.TopicMessage, happened)
	})

	return results, err
}

// writtenRow is what the database has added to a draft.
type writtenRow struct {
	ID        uuid.UUID `db:"id"`
	Seq       int64     `db:"seq"`
	CreatedAt time.Time `db:"created_at"`
	UserID    uuid.UUID `db:"user_id"`
}

func insert(ctx context.Context, tx pgx.Tx, ids []uuid.UUID, drafts []*chat.Draft) (map[uuid.UUID]writtenRow, error) {
	n := len(drafts)
	sessions, senderIDs := make([]uuid.UUID, n), make([]uuid.UUID, n)

	senders, names, texts, clientMsgIDs := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, d := range drafts {
		sessions[i], senderIDs[i] = d.SessionID, d.SenderID
		senders[i], names[i], texts[i], clientMsgIDs[i] = string(d.Sender), d.SenderName, d.Text, d.ClientMsgID
	}

	rows, err := tx.Query(ctx, insertSQL, pgx.NamedArgs{
		"ids": ids, "sessions": sessions, "senders": senders, "sender_ids": senderIDs, "names": names, "texts": texts,
		"client_msg_ids": clientMsgIDs,
	})
	if err != nil {
		return nil, err
	}

	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[writtenRow])
	if err != nil {
		return nil, err
	}

	written := make(map[uuid.UUID]writtenRow, len(found))
	for _, row := range found {
		written[row.ID] = row
	}

	return written, nil
}

func message(id uuid.UUID, d *chat.Draft, row writtenRow) chat.Message {
	return chat.Message{
		SessionID:   d.SessionID,
		Seq:         row.Seq,
		ID:          id,
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
	found, err := messages(ctx, s.pool, `
		SELECT `+messageColumns+` FROM chat.chat_messages WHERE sender_id = $1 AND client_msg_id = $2`, d.SenderID, d.ClientMsgID)
	switch {
	case err != nil:
		return chat.Appended{Err: fmt.Errorf("look for a message that was written before: %w", err)}
	case len(found) > 0:
		return chat.Appended{Message: found[0], Repeated: true}
	}

	if _, err := s.Find(ctx, d.SessionID); err != nil {
		return chat.Appended{Err: err}
	}

	return chat.Appended{Err: chaterrs.SessionClosed}
}

func event(m *chat.Message, owner uuid.UUID) chatevents.Message {
	return chatevents.Message{
		EventType: chatevents.TypeMessage,
		SessionID: m.SessionID,
		UserID:    owner,
		MessageID: m.ID,
		Seq:       m.Seq,
		Sender:    string(m.Sender),
		SenderID:  m.SenderID,
		Message:   m.Text,
		Timestamp: m.At,
	}
}
