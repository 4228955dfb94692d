package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Announce gives up to limit messages whose events have not been published to publish, with whose sessions they are, and
// forgets them when that succeeds. It returns how many there were. Messages that another replica is just publishing are
// left out.
func (s *Store) Announce(
	ctx context.Context, limit int, publish func(ctx context.Context, written []chat.Message, owners []uuid.UUID) error,
) (n int, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		written, owners, err := takeUnpublished(ctx, tx, limit)
		if err != nil {
			return err
		}

		if n = len(written); n == 0 {
			return nil
		}

		return publish(ctx, written, owners)
	})
	if err != nil {
		return 0, fmt.Errorf("publish the events of messages: %w", err)
	}

	return n, nil
}

func takeUnpublished(ctx context.Context, tx pgx.Tx, limit int) (written []chat.Message, owners []uuid.UUID, err error) {
	rows, err := tx.Query(ctx, `
		WITH taken AS (
			DELETE FROM chat.unpublished_messages WHERE message_id IN (
				SELECT message_id FROM chat.unpublished_messages ORDER BY message_id LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING message_id
		)
		SELECT m.id, m.session_id, m.seq, m.sender, m.sender_id, m.created_at, s.user_id
		FROM taken JOIN chat.chat_messages m ON m.id = taken.message_id JOIN chat.chat_sessions s ON s.id = m.session_id
		ORDER BY m.id`, limit)
	if err != nil {
		return nil, nil, err
	}

	var (
		m     chat.Message
		owner uuid.UUID
	)

	_, err = pgx.ForEachRow(rows, []any{&m.ID, &m.SessionID, &m.Seq, &m.Sender, &m.SenderID, &m.At, &owner}, func() error {
		m.At = m.At.UTC()
		written, owners = append(written, m), append(owners, owner)

		return nil
	})

	return written, owners, err
}
