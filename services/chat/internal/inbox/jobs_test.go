package inbox

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/chat/internal/store"
	"github.com/shema-music/shema/services/contracts/errs"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
)

// told is what was told whom: about a message or a session, and up to which number.
type told struct {
	kind          string
	about, person uuid.UUID
	seq           int64
}

// telling remembers what was told.
type telling struct {
	failure error
	told    []told
}

func (t *telling) NoticeUnanswered(_ context.Context, session, person uuid.UUID, seq int64) error {
	return t.tell(told{"unanswered", session, person, seq})
}

func (t *telling) MailReply(_ context.Context, message, person uuid.UUID) error {
	return t.tell(told{"reply", message, person, 0})
}

func (t *telling) ReportErased(_ context.Context, person uuid.UUID) error {
	return t.tell(told{"erased", uuid.Nil, person, 0})
}

func (t *telling) tell(what told) error {
	if t.failure == nil {
		t.told = append(t.told, what)
	}

	return t.failure
}

// work lets the worker of a job do it.
func work(ctx context.Context, s sessions, t *telling, args river.JobArgs) error {
	switch args := args.(type) {
	case store.TellReply:
		return (&tellReply{sessions: s, telling: t}).Work(ctx, &river.Job[store.TellReply]{Args: args})
	case store.NotifyUnanswered:
		return (&notifyUnanswered{sessions: s, telling: t}).Work(ctx, &river.Job[store.NotifyUnanswered]{Args: args})
	case store.ReportErased:
		return (&reportErased{telling: t}).Work(ctx, &river.Job[store.ReportErased]{Args: args})
	}

	return errors.New("a job without a worker")
}

// sessions says the same of every session.
type sessions struct {
	owner uuid.UUID
	err   error
}

func (s sessions) Undelivered(context.Context, uuid.UUID, int64) (uuid.UUID, error) {
	return s.owner, s.err
}

func (s sessions) Unanswered(context.Context, uuid.UUID, int64) (uuid.UUID, error) {
	return s.owner, s.err
}

func TestWorkers_Work(t *testing.T) {
	t.Parallel()

	person, session, message := uuid.New(), uuid.New(), uuid.New()
	broken := errors.New("the database is away")

	for _, c := range []struct {
		reason  string
		job     river.JobArgs
		found   sessions
		failure error
		want    []told
		err     error
	}{
		{
			reason: "a reply that has not reached its person",
			job:    store.TellReply{SessionID: session, MessageID: message, Seq: 3},
			found:  sessions{owner: person},
			want:   []told{{"reply", message, person, 0}},
		},
		{
			reason: "a reply that has",
			job:    store.TellReply{SessionID: session, MessageID: message, Seq: 3},
		},
		{
			reason: "a session that waits",
			job:    store.NotifyUnanswered{SessionID: session, UserID: person, Seq: 3},
			found:  sessions{owner: person},
			want:   []told{{"unanswered", session, person, 3}},
		},
		{
			reason: "a session that was answered meanwhile",
			job:    store.NotifyUnanswered{SessionID: session, UserID: person, Seq: 3},
		},
		{
			reason: "a person who was forgotten",
			job:    store.ReportErased{UserID: person},
			want:   []told{{"erased", uuid.Nil, person, 0}},
		},
		{
			reason: "the store can't say how it stands",
			job:    store.NotifyUnanswered{SessionID: session, UserID: person, Seq: 3},
			found:  sessions{err: broken},
			err:    broken,
		},
		{
			reason:  "the user service is away",
			job:     store.TellReply{SessionID: session, MessageID: message, Seq: 3},
			found:   sessions{owner: person},
			failure: errs.Unavailable,
			err:     errs.Unavailable,
		},
		{
			reason:  "a person who has left is not tried again",
			job:     store.TellReply{SessionID: session, MessageID: message, Seq: 3},
			found:   sessions{owner: person},
			failure: usererrs.NotFound,
			err:     river.JobCancel(usererrs.NotFound),
		},
	} {
		g := NewWithT(t)
		telling := &telling{failure: c.failure}

		err := work(t.Context(), c.found, telling, c.job)
		if c.err == nil {
			g.Expect(err).NotTo(HaveOccurred(), c.reason)
		} else {
			g.Expect(err).To(MatchError(c.err.Error()), c.reason)
		}

		g.Expect(telling.told).To(Equal(c.want), c.reason)
	}
}
