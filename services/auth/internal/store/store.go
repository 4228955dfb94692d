// Package store keeps the guesses, the locks and the audit log in Postgres. Its time is the database's, which all
// replicas share.
package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/auth/internal/auth"
)

// Store implements auth.Attempts and auth.Audit.
type Store struct{ pool *pgxpool.Pool }

var (
	_ auth.Attempts = (*Store)(nil)
	_ auth.Audit    = (*Store)(nil)
)

// New returns a store on the pool of the role auth_service.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

type executor interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Record adds a line to the audit log.
func (s *Store) Record(ctx context.Context, e auth.Entry) error { return record(ctx, s.pool, e) }

// RecordIn adds a line to the audit log in the caller's transaction.
func (s *Store) RecordIn(ctx context.Context, tx pgx.Tx, e auth.Entry) error {
	return record(ctx, tx, e)
}

func record(ctx context.Context, db executor, e auth.Entry) error {
	var hash []byte
	if e.EmailHash != nil {
		hash = e.EmailHash[:]
	}

	_, err := db.Exec(ctx, `INSERT INTO auth.audit_log (event, user_id, email_hash, ip, user_agent, request_id)
		VALUES ($1, $2, $3, $4, $5, $6)`, e.Event, e.UserID, hash, e.Client.IP, e.Client.UserAgent, e.Client.RequestID)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}

	return nil
}

// Forget deletes guesses, locks and networks that no rule looks at any more.
func (s *Store) Forget(ctx context.Context) error {
	for _, statement := range []struct {
		sql   string
		limit any
	}{
		{"DELETE FROM auth.login_attempts WHERE at < clock_timestamp() - $1::interval", auth.EverywhereWindow},
		{"DELETE FROM auth.login_locks WHERE until < clock_timestamp() - $1::interval", auth.EverywhereWindow},
		{"DELETE FROM auth.known_networks WHERE last_login_at < clock_timestamp() - $1::interval", auth.KnownNetworkTTL},
	} {
		if _, err := s.pool.Exec(ctx, statement.sql, statement.limit); err != nil {
			return fmt.Errorf("forget old guesses: %w", err)
		}
	}

	return nil
}
