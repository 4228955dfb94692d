package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/auth/internal/store"
)

// Worker does what the jobs ask for; an error means that the job is tried again.
type Worker interface {
	SendReset(ctx context.Context, job auth.ForgottenPassword) error
	ReportErased(ctx context.Context, userID uuid.UUID) error
}

// Workers returns what registers the workers of this service's jobs.
func Workers(w Worker) func(*river.Workers) {
	return func(workers *river.Workers) {
		river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[auth.ForgottenPassword]) error {
			return w.SendReset(ctx, job.Args)
		}))
		river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[store.ReportErased]) error {
			return w.ReportErased(ctx, job.Args.UserID)
		}))
	}
}
