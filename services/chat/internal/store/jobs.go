package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/chat/internal/chat"
)

// replyPatience is how long a person has to notice a reply that has opened a session again, before a mail tells of it.
const replyPatience = 5 * time.Second

// TellReply is the job that tells a person by mail of a reply that has not reached them.
type TellReply struct {
	SessionID uuid.UUID `json:"session_id"`
	MessageID uuid.UUID `json:"message_id"`
	Seq       int64     `json:"seq"`
}

// Kind names the job in the table.
func (TellReply) Kind() string { return "tell_reply" }

func (s *Store) afterReplyPatience() *river.InsertOpts {
	return &river.InsertOpts{ScheduledAt: s.clock.Now().Add(replyPatience)}
}

// NotifyUnanswered is the job that tells the admins of a session that has closed without an answer to the message Seq.
type NotifyUnanswered struct {
	SessionID uuid.UUID `json:"session_id"`
	UserID    uuid.UUID `json:"user_id"`
	Seq       int64     `json:"seq"`
}

// Kind names the job in the table.
func (NotifyUnanswered) Kind() string { return "notify_unanswered" }

// ReportErased is the job that reports that nothing of a person is kept here any more.
type ReportErased struct {
	UserID uuid.UUID `json:"user_id"`
}

// Kind names the job in the table.
func (ReportErased) Kind() string { return "report_erased" }

// notifyUnanswered leaves a job behind for each of these sessions, which have just closed, that waits for an answer.
func (s *Store) notifyUnanswered(ctx context.Context, tx pgx.Tx, closed []chat.Session) error {
	for i := range closed {
		c := &closed[i]
		if !c.Unanswered {
			continue
		}

		if err := s.jobs.Insert(ctx, tx, NotifyUnanswered{SessionID: c.ID, UserID: c.UserID, Seq: c.LastSeq}, nil); err != nil {
			return err
		}
	}

	return nil
}
