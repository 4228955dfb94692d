package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/store"
)

const (
	// sendTime bounds one try; the call of the binding ends a little sooner.
	sendTime = 10 * time.Second
	// The pauses between tries double from firstPause to longestPause.
	firstPause, longestPause = 500 * time.Millisecond, 15 * time.Minute
	// giveUpAfter is when a mail has become too old to be of use. The notification itself stays in the person's list.
	giveUpAfter = 24 * time.Hour
)

// Letters gives what is to be sent: notification.ErrNotFound when it is gone.
type Letters interface {
	Letter(ctx context.Context, id uuid.UUID) (notification.Letter, error)
}

// Sender hands a message to a mail server, one at a time: mail.ErrUndeliverable when there is no use in trying again.
type Sender interface {
	Send(ctx context.Context, m notification.Mail) error
}

// Postman works the jobs that send mail.
type Postman struct {
	river.WorkerDefaults[store.SendMail]

	letters Letters
	sender  Sender
	clock   clock.Clock
	log     *slog.Logger
	sent    *prometheus.CounterVec
}

// NewPostman returns the worker.
func NewPostman(letters Letters, sender Sender, c clock.Clock, log *slog.Logger) *Postman {
	return &Postman{
		letters: letters,
		sender:  sender,
		clock:   c,
		log:     log,
		sent: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "shema_mails_total", Help: "Tries to send a mail, by outcome: sent, failed, undeliverable, given_up."},
			[]string{"outcome"}),
	}
}

// Collector returns the postman's metric.
func (p *Postman) Collector() prometheus.Collector { return p.sent }

// Register adds the worker to those of the service.
func (p *Postman) Register(workers *river.Workers) { river.AddWorker(workers, p) }

// Queues are the outbox's queues for mail. Its one worker keeps the sender's calls apart.
func Queues() map[string]int { return map[string]int{store.MailQueue: 1} }

// Timeout bounds one try.
func (p *Postman) Timeout(*river.Job[store.SendMail]) time.Duration { return sendTime }

// Work sends one mail. A mail server that hangs up late may get the same mail twice: better than none.
func (p *Postman) Work(ctx context.Context, job *river.Job[store.SendMail]) error {
	letter, err := p.letters.Letter(ctx, job.Args.NotificationID)
	if errors.Is(err, usererrs.NotificationNotFound) {
		return river.JobCancel(err)
	}

	if err != nil {
		return err
	}

	err = p.sender.Send(ctx, letter.Mail())
	failures := outbox.Failures(job.JobRow)

	log := p.log.With("notification_id", job.Args.NotificationID, "failures", failures+1, "error", err)
	switch {
	case err == nil:
		p.sent.WithLabelValues("sent").Inc()
		return nil
	case errors.Is(err, mail.ErrUndeliverable):
		p.sent.WithLabelValues("undeliverable").Inc()
		log.WarnContext(ctx, "mail cannot be sent")
		return river.JobCancel(err)
	case p.clock.Now().Sub(job.CreatedAt) > giveUpAfter:
		p.sent.WithLabelValues("given_up").Inc()
		log.ErrorContext(ctx, "mail given up")
		return river.JobCancel(err)
	}

	p.sent.WithLabelValues("failed").Inc()
	log.WarnContext(ctx, "mail not sent, will be tried again")

	return river.JobSnooze(pause(failures))
}

// pause doubles with every failure.
func pause(failures int) time.Duration {
	const enough = 11 // 500 ms × 2¹¹ is beyond the longest pause
	if failures >= enough {
		return longestPause
	}

	return min(firstPause<<max(failures, 0), longestPause)
}
