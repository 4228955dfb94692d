package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/auth/internal/auth"
)

// forget is what is deleted of a person ($1), and of their address ($2): everything but who did what when.
var forget = []string{
	"INSERT INTO auth.erased_people (user_id) VALUES ($1) ON CONFLICT DO NOTHING",
	"DELETE FROM auth.mail_tokens WHERE user_id = $1",
	"DELETE FROM auth.dead_letters WHERE event::text LIKE '%' || $1::text || '%'",
	`UPDATE auth.audit_log SET ip = NULL, user_agent = NULL, email_hash = NULL
		WHERE user_id = $1 AND (actor_id IS NULL OR actor_id = $1)`,
	"UPDATE auth.audit_log SET ip = NULL, user_agent = NULL WHERE actor_id = $1",
}

var forgetAddress = []string{
	"DELETE FROM auth.login_attempts WHERE email_hash = $1",
	"DELETE FROM auth.login_locks WHERE email_hash = $1",
	"DELETE FROM auth.known_networks WHERE email_hash = $1",
	"UPDATE auth.audit_log SET ip = NULL, user_agent = NULL, email_hash = NULL WHERE email_hash = $1",
}

// ForgetIn deletes what is kept of a person, in the caller's transaction, with a job that says so.
func (s *Store) ForgetIn(ctx context.Context, tx pgx.Tx, userID uuid.UUID, address auth.EmailHash) error {
	for _, sql := range forget {
		if _, err := tx.Exec(ctx, sql, userID); err != nil {
			return fmt.Errorf("forget a person: %w", err)
		}
	}

	for _, sql := range forgetAddress {
		if _, err := tx.Exec(ctx, sql, address[:]); err != nil {
			return fmt.Errorf("forget a person's address: %w", err)
		}
	}

	return s.jobs.Insert(ctx, tx, ReportErased{UserID: userID}, nil)
}

// Lift ends the locks of the address and forgets the wrong guesses.
func (s *Store) Lift(ctx context.Context, e auth.EmailHash) error {
	batch := &pgx.Batch{}
	batch.Queue("DELETE FROM auth.login_locks WHERE email_hash = $1", e[:])
	batch.Queue("DELETE FROM auth.login_attempts WHERE email_hash = $1 AND NOT pending", e[:])

	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("lift the locks of an address: %w", err)
	}

	return nil
}
