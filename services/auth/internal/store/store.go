// Package store keeps the guesses, the locks and the audit log in Postgres. Its time is the database's, which all
// replicas share.
package store

import (
	"context"

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
