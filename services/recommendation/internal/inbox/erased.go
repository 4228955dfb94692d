package inbox

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/recommendation/internal/store"
)

// Forgetter forgets persons; store.Store does.
type Forgetter interface {
	Forget(ctx context.Context, tx pgx.Tx, userID uuid.UUID) error
}

// erased forgets who has left, and leaves a job behind that reports it.
func erased(people Forgetter, jobs Jobs) func(context.Context, pgx.Tx, inbox.Event) error {
	return func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var left userevents.Erased
		if err := e.Decode(&left); err != nil {
			return err
		}

		if left.UserID == uuid.Nil {
			return fmt.Errorf("event %s of %s names no user", e.ID, e.Topic)
		}

		if err := people.Forget(ctx, tx, left.UserID); err != nil {
			return err
		}

		return jobs.Insert(ctx, tx, store.ReportErased{UserID: left.UserID}, nil)
	}
}

// Reporter says that nothing of a person is kept here any more; clients.Users does.
type Reporter interface {
	ReportErased(ctx context.Context, userID uuid.UUID) error
}

type reportErased struct {
	river.WorkerDefaults[store.ReportErased]

	reporter Reporter
}

// Work reports that a person was forgotten. An error means that it is tried again.
func (w *reportErased) Work(ctx context.Context, job *river.Job[store.ReportErased]) error {
	return w.reporter.ReportErased(ctx, job.Args.UserID)
}
