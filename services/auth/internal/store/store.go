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

// Store implements auth.Attempts, auth.Audit and auth.Endings.
type Store struct{ pool *pgxpool.Pool }

var (
	_ auth.Attempts = (*Store)(nil)
	_ auth.Audit    = (*Store)(nil)
	_ auth.Endings  = (*Store)(nil)
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
