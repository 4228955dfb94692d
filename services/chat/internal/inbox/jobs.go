package inbox

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/chat/internal/store"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
)

// Telling tells people something; clients.Telling does. Every call may be repeated.
type Telling interface {
	// NoticeUnanswered tells the admins of a session that has closed without an answer to the message seq.
	NoticeUnanswered(ctx context.Context, session, person uuid.UUID, seq int64) error
	// MailReply tells a person by mail of a message. Returns USER_NOT_FOUND for one who has left.
	MailReply(ctx context.Context, message, person uuid.UUID) error
	// ReportErased says that nothing of a person is kept here any more.
	ReportErased(ctx context.Context, person uuid.UUID) error
}

// Sessions says what is still so when a job runs; store.Store does.
type Sessions interface {
	// Undelivered returns whose session it is if the message has not reached a socket of the person yet, or uuid.Nil.
	Undelivered(ctx context.Context, id uuid.UUID, seq int64) (owner uuid.UUID, err error)
	// Unanswered returns whose session it is if no admin has read it up to seq yet, or uuid.Nil.
	Unanswered(ctx context.Context, id uuid.UUID, seq int64) (owner uuid.UUID, err error)
}

// Workers returns what registers the workers of this service's jobs.
func Workers(sessions Sessions, telling Telling) func(*river.Workers) {
	return func(workers *river.Workers) {
		river.AddWorker(workers, &tellReply{sessions: sessions, telling: telling})
		river.AddWorker(workers, &notifyUnanswered{sessions: sessions, telling: telling})
		river.AddWorker(workers, &reportErased{telling: telling})
	}
}

type tellReply struct {
	river.WorkerDefaults[store.TellReply]

	sessions Sessions
	telling  Telling
}

// Work sends a mail unless the reply has reached the person. An error means that it is tried again.
func (w *tellReply) Work(ctx context.Context, job *river.Job[store.TellReply]) error {
	owner, err := w.sessions.Undelivered(ctx, job.Args.SessionID, job.Args.Seq)
	if err != nil || owner == uuid.Nil {
		return err
	}

	err = w.telling.MailReply(ctx, job.Args.MessageID, owner)
	if errors.Is(err, usererrs.NotFound) {
		return river.JobCancel(err)
	}

	return err
}

type notifyUnanswered struct {
	river.WorkerDefaults[store.NotifyUnanswered]

	sessions Sessions
	telling  Telling
}

// Work tells the admins unless one of them has answered meanwhile. An error means that it is tried again.
func (w *notifyUnanswered) Work(ctx context.Context, job *river.Job[store.NotifyUnanswered]) error {
	owner, err := w.sessions.Unanswered(ctx, job.Args.SessionID, job.Args.Seq)
	if err != nil || owner == uuid.Nil {
		return err
	}

	return w.telling.NoticeUnanswered(ctx, job.Args.SessionID, owner, job.Args.Seq)
}

type reportErased struct {
	river.WorkerDefaults[store.ReportErased]

	telling Telling
}

// Work reports that a person was forgotten. An error means that it is tried again.
func (w *reportErased) Work(ctx context.Context, job *river.Job[store.ReportErased]) error {
	return w.telling.ReportErased(ctx, job.Args.UserID)
}
