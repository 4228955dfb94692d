package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/kit/postgres"
)

// Add keeps a token; see auth.MailTokens. Those of one person are added one after the other, so that they are counted.
func (s *Store) Add(ctx context.Context, t *auth.MailToken, ttl time.Duration, limit int) (added bool, err error) {
	err = postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		key := int64(binary.BigEndian.Uint64(t.UserID[8:])) //nolint:gosec // all 64 bits are wanted, the sign means nothing
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", key); err != nil {
			return fmt.Errorf("wait to add a token: %w", err)
		}

		err := tx.QueryRow(ctx, `INSERT INTO auth.mail_tokens (hash, letter_id, kind, user_id, address, expires_at)
			SELECT $1, $2, $3, $4, nullif($5, ''), clock_timestamp() + $6::interval
			WHERE NOT EXISTS (SELECT FROM auth.erased_people WHERE user_id = $4)
				AND ($7 = 0 OR $7 > (SELECT count(*) FROM auth.mail_tokens WHERE user_id = $4 AND kind = $3
					AND hash <> $1 AND created_at > clock_timestamp() - $8::interval))
			ON CONFLICT (hash) DO UPDATE SET letter_id = excluded.letter_id
			RETURNING expires_at`,
			t.Hash[:], t.LetterID, t.Kind, t.UserID, t.Address, ttl, limit, auth.MailWindow).Scan(&t.ExpiresAt)
		if postgres.NotFound(err) {
			return nil
		}

		added = err == nil

		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep the token of a mail: %w", err)
	}

	return added, nil
}

const works = "hash = $1 AND kind = ANY ($2) AND used_at IS NULL AND expires_at > clock_timestamp()"

// Peek returns a token that works.
func (s *Store) Peek(ctx context.Context, h auth.MailTokenHash, kinds ...auth.MailKind) (*auth.MailToken, error) {
	return s.mailToken(ctx, `SELECT letter_id, kind, user_id, coalesce(address, ''), expires_at
		FROM auth.mail_tokens WHERE `+works, h, kinds)
}

// Take uses a token up. The address goes with it.
func (s *Store) Take(ctx context.Context, h auth.MailTokenHash, kinds ...auth.MailKind) (*auth.MailToken, error) {
	return s.mailToken(ctx, `WITH found AS (SELECT * FROM auth.mail_tokens WHERE `+works+` FOR UPDATE)
		UPDATE auth.mail_tokens AS t SET used_at = clock_timestamp(), address = NULL FROM found WHERE t.hash = found.hash
		RETURNING t.letter_id, t.kind, t.user_id, coalesce(found.address, ''), t.expires_at`, h, kinds)
}

func (s *Store) mailToken(ctx context.Context, sql string, h auth.MailTokenHash, kinds []auth.MailKind) (*auth.MailToken, error) {
	t := &auth.MailToken{Hash: h}

	err := s.pool.QueryRow(ctx, sql, h[:], kinds).Scan(&t.LetterID, &t.Kind, &t.UserID, &t.Address, &t.ExpiresAt)
	if postgres.NotFound(err) {
		return nil, auth.ErrNoMailToken
	}

	if err != nil {
		return nil, fmt.Errorf("look up the token of a mail: %w", err)
	}

	return t, nil
}

// GiveBack lets a taken token work again.
func (s *Store) GiveBack(ctx context.Context, t *auth.MailToken) error {
	_, err := s.pool.Exec(ctx, "UPDATE auth.mail_tokens SET used_at = NULL, address = nullif($2, '') WHERE hash = $1", t.Hash[:], t.Address)
	if err != nil {
		return fmt.Errorf("give the token of a mail back: %w", err)
	}

	return nil
}

// UseUp ends all tokens of the person of these kinds.
func (s *Store) UseUp(ctx context.Context, userID uuid.UUID, kinds ...auth.MailKind) error {
	_, err := s.pool.Exec(ctx, `UPDATE auth.mail_tokens SET used_at = clock_timestamp(), address = NULL
		WHERE user_id = $1 AND kind = ANY ($2) AND used_at IS NULL`, userID, kinds)
	if err != nil {
		return fmt.Errorf("use up the tokens of mails: %w", err)
	}

	return nil
}

// Uses returns what is kept of the person's tokens.
func (s *Store) Uses(ctx context.Context, userID uuid.UUID) ([]auth.MailTokenUse, error) {
	uses, err := postgres.List(ctx, s.pool, pgx.RowToStructByPos[auth.MailTokenUse],
		"SELECT kind, address, created_at, expires_at, used_at FROM auth.mail_tokens WHERE user_id = $1 ORDER BY created_at", userID)
	if err != nil {
		return nil, fmt.Errorf("read the tokens of a person's mails: %w", err)
	}

	return uses, nil
}
