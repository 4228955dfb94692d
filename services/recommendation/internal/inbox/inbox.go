// Package inbox takes in who has registered, and who has left. The event only leaves a job behind, because a recommendation needs the
// other services: they may be away for longer than an event is delivered, and no transaction is held while they answer.
package inbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/recommendation/internal/store"
)

// Jobs takes jobs in the transaction that makes them necessary; the outbox does.
type Jobs interface {
	Insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, options *river.InsertOpts) error
}

// Register subscribes to registrations and to those who leave.
func Register(box *inbox.Inbox, people Forgetter, jobs Jobs) {
	box.Handle(userevents.TopicErased, erased(people, jobs))
	box.Handle(userevents.TopicRegistered, func(ctx context.Context, tx pgx.Tx, e inbox.Event) error {
		var registered userevents.Registered
		if err := e.Decode(&registered); err != nil {
			return err
		}

		if registered.UserID == uuid.Nil {
			return fmt.Errorf("event %s of %s names no user", e.ID, e.Topic)
		}

		return jobs.Insert(ctx, tx, store.RecommendToNewcomer{UserID: registered.UserID}, nil)
	})
}

// Welcomer is recommendation.Service.
type Welcomer interface {
	Welcome(ctx context.Context, userID uuid.UUID) error
}

// Workers returns what registers the workers of this service's jobs.
func Workers(recommendations Welcomer, reporter Reporter) func(*river.Workers) {
	return func(workers *river.Workers) {
		river.AddWorker(workers, &welcome{recommendations: recommendations})
		river.AddWorker(workers, &reportErased{reporter: reporter})
	}
}

type welcome struct {
	river.WorkerDefaults[store.RecommendToNewcomer]

	recommendations Welcomer
}

// Work makes the recommendation of a newcomer. An error means that it is tried again, except that a person
// whom the user service doesn't know will not become known.
func (w *welcome) Work(ctx context.Context, job *river.Job[store.RecommendToNewcomer]) error {
	err := w.recommendations.Welcome(ctx, job.Args.UserID)
	if errors.Is(err, usererrs.NotFound) {
		return river.JobCancel(err)
	}

	return err
}
