package authtest

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/auth/internal/inbox"
	"github.com/shema-music/shema/services/auth/internal/store"
	"github.com/shema-music/shema/services/kit/outbox"
)

// Jobs is a queue in memory, which a test works when it likes. It is safe for concurrent use.
type Jobs struct {
	mu      sync.Mutex
	waiting []river.JobArgs
}

var _ outbox.Jobs = (*Jobs)(nil)

// Insert puts a job into the queue.
func (j *Jobs) Insert(_ context.Context, _ pgx.Tx, args river.JobArgs, _ *river.InsertOpts) error {
	j.mu.Lock()
	defer j.mu.Unlock()

	j.waiting = append(j.waiting, args)

	return nil
}

// Work works the jobs that wait; those that fail go on waiting. It returns how many were worked.
func (j *Jobs) Work(ctx context.Context, w inbox.Worker) (worked int, err error) {
	j.mu.Lock()
	waiting := j.waiting
	j.waiting = nil
	j.mu.Unlock()

	for i, job := range waiting {
		switch args := job.(type) {
		case auth.ForgottenPassword:
			err = w.SendReset(ctx, args)
		case store.ReportErased:
			err = w.ReportErased(ctx, args.UserID)
		}

		if err != nil {
			j.mu.Lock()
			j.waiting = append(waiting[i:], j.waiting...)
			j.mu.Unlock()

			return i, err
		}
	}

	return len(waiting), nil
}
