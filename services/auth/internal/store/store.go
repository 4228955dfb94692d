// Package store keeps the guesses, the locks and the audit log in Postgres. Its time is the database's, which all
// replicas share.
package store

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/kit/batch"
	"github.com/shema-music/shema/services/kit/outbox"
)

// Store implements what the domain asks of a database: auth.Attempts, Audit, Endings, MailTokens and Jobs.
type Store struct {
	pool *pgxpool.Pool
	jobs outbox.Jobs
	// lines are those of the audit log that are written together.
	lines *batch.Group[auth.Entry, struct{}]
}

var (
	_ auth.Attempts = (*Store)(nil)
	_ auth.Audit    = (*Store)(nil)
	_ auth.Endings  = (*Store)(nil)
	_ auth.Jobs     = (*Store)(nil)

	_ auth.MailTokens = (*Store)(nil)
)

// New returns a store on the pool of the role auth_service.
func New(pool *pgxpool.Pool, jobs outbox.Jobs) *Store {
	s := &Store{pool: pool, jobs: jobs}
	s.lines = batch.NewGroup(s.recordAll, linesAtOnce, linesPatience)

	return s
}
