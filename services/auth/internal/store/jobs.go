package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/kit/postgres"
)

// ReportErased is the job that says that nothing is kept of a person here.
type ReportErased struct {
	UserID uuid.UUID `json:"user_id"`
}

// Kind names the job.
func (ReportErased) Kind() string { return "report_erased" }

// ForgottenPassword puts the job into the queue.
func (s *Store) ForgottenPassword(ctx context.Context, job auth.ForgottenPassword) error {
	return postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error { return s.jobs.Insert(ctx, tx, job, nil) })
}
