package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/store"
)

const (
	// sendTime bounds one try; the sender ends a little sooner.
	sendTime = 10 * time.Second
	// The pauses between tries double from firstPause to longestPause.
	firstPause, longestPause = 500 * time.Millisecond, 15 * time.Minute
	// giveUpAfter is when a mail has become too old to be of use. The notification itself stays in the person's list.
	giveUpAfter = 24 * time.Hour
)

// Letters are those that have to leave: store.ErrNoLetter when one is gone, store.ErrEarlierLetter when it has to wait.
type Letters interface {
	Letter(ctx context.Context, id uuid.UUID) (letter.Letter, error)
	CloseLetter(ctx context.Context, id uuid.UUID) error
}

// Sender hands a message to a mail server: mail.ErrUndeliverable when there is no use in trying again.
type Sender interface {
	Send(ctx context.Context, m *mail.Mail) error
}

// Postman works the jobs that send mail.
type Postman struct {
	river.WorkerDefaults[store.SendLetter]

	letters Letters
	sender  Sender
	webURL  string
	clock   clock.Clock
	log     *slog.Logger
	sent    *prometheus.CounterVec
}

// PostmanOptions are what a Postman is made of. WebURL is where the links in mails lead, without a slash at its end.
type PostmanOptions struct {
	Letters Letters
	Sender  Sender
	WebURL  string
	Clock   clock.Clock
	Log     *slog.Logger
}

// NewPostman returns the worker.
func NewPostman(o PostmanOptions) *Postman {
	return &Postman{
		letters: o.Letters,
		sender:  o.Sender,
		webURL:  o.WebURL,
		clock:   o.Clock,
		log:     o.Log,
		sent: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "shema_mails_total", Help: "Tries to send a mail, by outcome: sent, failed, undeliverable, given_up."},
			[]string{"outcome"}),
	}
}

// Collector returns the postman's metric.
func (p *Postman) Collector() prometheus.Collector { return p.sent }

// Register adds the worker to those of the service.
func (p *Postman) Register(workers *river.Workers) { river.AddWorker(workers, p) }

// Queues are the outbox's queues for mail, with how many mails of each leave at once.
func Queues() map[string]int {
	return map[string]int{store.QueueAccounts: 2, store.QueuePeople: 4, store.QueueAdmins: 2}
}

// Timeout bounds one try.
func (p *Postman) Timeout(*river.Job[store.SendLetter]) time.Duration { return sendTime }

// Work sends one mail. A mail server that hangs up late may get the same mail twice, with the same Message-ID: better than
// none.
func (p *Postman) Work(ctx context.Context, job *river.Job[store.SendLetter]) error {
	id := job.Args.LetterID

	found, err := p.letters.Letter(ctx, id)
	switch {
	case errors.Is(err, store.ErrNoLetter):
		return river.JobCancel(err)
	case errors.Is(err, store.ErrEarlierLetter):
		return river.JobSnooze(firstPause)
	case err != nil:
		return err
	}

	written, err := found.Mail(p.webURL)
	if err != nil {
		return err
	}

	if err := p.sender.Send(ctx, &written); err != nil {
		return p.failed(ctx, job, err)
	}

	p.sent.WithLabelValues("sent").Inc()

	return p.letters.CloseLetter(ctx, id)
}

// failed decides whether there will be another try.
func (p *Postman) failed(ctx context.Context, job *river.Job[store.SendLetter], err error) error {
	failures := outbox.Failures(job.JobRow)
	log := p.log.With("letter_id", job.Args.LetterID, "failures", failures+1, "error", err)

	switch {
	case errors.Is(err, mail.ErrUndeliverable):
		p.sent.WithLabelValues("undeliverable").Inc()
		log.WarnContext(ctx, "mail cannot be sent")
	case p.clock.Now().Sub(job.CreatedAt) > giveUpAfter:
		p.sent.WithLabelValues("given_up").Inc()
		log.ErrorContext(ctx, "mail given up")
	default:
		p.sent.WithLabelValues("failed").Inc()
		log.WarnContext(ctx, "mail not sent, will be tried again")

		return river.JobSnooze(pause(failures))
	}

	if err := p.letters.CloseLetter(ctx, job.Args.LetterID); err != nil {
		return err
	}

	return river.JobCancel(err)
}

// pause doubles with every failure.
func pause(failures int) time.Duration {
	const enough = 11 // 500 ms × 2¹¹ is beyond the longest pause
	if failures >= enough {
		return longestPause
	}

	return min(firstPause<<max(failures, 0), longestPause)
}
