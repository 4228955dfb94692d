package store

import (
	"context"
	"fmt"
	"time"

	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/postgres"
)

// SaveTicket implements chat.Store.
func (s *Store) SaveTicket(ctx context.Context, digest []byte, p auth.Principal, ttl time.Duration, most int) (ok bool, err error) {
	tag, err := s.pool.Exec(ctx, `
		INSERT INTO chat.tickets (digest, user_id, auth_session_id, role, token_expires_at, expires_at)
		SELECT $1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6)
		WHERE (SELECT count(*) FROM chat.tickets WHERE user_id = $2 AND expires_at > clock_timestamp()) < $7`,
		digest, p.UserID, p.SessionID, string(p.Role), p.ExpiresAt, ttl.Seconds(), most)
	if err != nil {
		return false, fmt.Errorf("save a ticket: %w", err)
	}

	return tag.RowsAffected() > 0, nil
}

// FindTicket implements chat.Store.
func (s *Store) FindTicket(ctx context.Context, digest []byte) (p auth.Principal, ok bool, err error) {
	var role string

	err = s.pool.QueryRow(ctx, `
		SELECT user_id, auth_session_id, role, token_expires_at FROM chat.tickets
		WHERE digest = $1 AND expires_at > clock_timestamp()`, digest).
		Scan(&p.UserID, &p.SessionID, &role, &p.ExpiresAt)
	if postgres.NotFound(err) {
		return auth.Principal{}, false, nil
	}

	if err != nil {
		return auth.Principal{}, false, fmt.Errorf("find a ticket: %w", err)
	}

	p.Role = auth.Role(role)

	return p, true, nil
}

// TakeTicket implements chat.Store.
func (s *Store) TakeTicket(ctx context.Context, digest []byte) (ok bool, err error) {
	tag, err := s.pool.Exec(ctx, `DELETE FROM chat.tickets WHERE digest = $1 AND expires_at > clock_timestamp()`, digest)
	if err != nil {
		return false, fmt.Errorf("take a ticket: %w", err)
	}

	return tag.RowsAffected() > 0, nil
}

// ForgetTickets implements chat.Store.
func (s *Store) ForgetTickets(ctx context.Context) error {
	if _, err := s.pool.Exec(ctx, `DELETE FROM chat.tickets WHERE expires_at <= statement_timestamp()`); err != nil {
		return fmt.Errorf("forget old tickets: %w", err)
	}

	return nil
}
