// Package postman sends the letters that have to leave, batch by batch.
package postman

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/drain"
	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/mail"
)

const (
	// atOnce is how many letters are claimed together.
	atOnce = 50
	// gather is the least time between two batches, and poll how often it is looked for letters of which this process was
	// not told: those of others, and those that are tried again.
	gather, poll = 50 * time.Millisecond, time.Second
	// The pauses between tries double from firstPause to longestPause.
	firstPause, longestPause = 500 * time.Millisecond, 15 * time.Minute
	// giveUpAfter is when a mail has become too old to be of use. The notification itself stays in the person's list.
	giveUpAfter = 24 * time.Hour
)

// Connections is to how many connections to the mail server each lane may come.
func Connections(lane letter.Lane) int {
	if lane == letter.People {
		return 4
	}

	return 2
}

// Letters are those that have to leave; see store.Letters.
type Letters interface {
	Claim(ctx context.Context, lane letter.Lane, limit int) ([]letter.Letter, error)
	Settle(ctx context.Context, results []letter.Result) error
	Wake(lane letter.Lane) drain.Signal
}

// Server is the way of one lane to the mail server; see mail.Connections.
type Server interface {
	Send(ctx context.Context, mails []*mail.Mail) []error
	CloseIdle()
	Close()
}

// Postman sends letters. It is made by New.
type Postman struct {
	letters Letters
	servers map[letter.Lane]Server
	webURL  string
	clock   clock.Clock
	log     *slog.Logger
	sent    *prometheus.CounterVec
}

// Options are what a Postman is made of. WebURL is where the links in mails lead, without a slash at its end.
type Options struct {
	Letters Letters
	// Servers has one for each lane.
	Servers map[letter.Lane]Server
	WebURL  string
	Clock   clock.Clock
	Log     *slog.Logger
}

// New returns a postman, who does nothing until Run.
func New(o Options) *Postman {
	return &Postman{
		letters: o.Letters,
		servers: o.Servers,
		webURL:  o.WebURL,
		clock:   o.Clock,
		log:     o.Log,
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shema_mails_total",
			Help: "Tries to send a mail, by outcome: sent, failed, undeliverable, given_up, unwanted.",
		}, []string{"outcome"}),
	}
}

// Collector returns the postman's metric.
func (p *Postman) Collector() prometheus.Collector { return p.sent }

// Run sends the letters of a lane until the context ends. Every replica does it for every lane.
func (p *Postman) Run(ctx context.Context, lane letter.Lane) {
	defer p.servers[lane].Close()

	loop := drain.Loop{
		Due:    func(ctx context.Context) (int, error) { return p.Deliver(ctx, lane) },
		AtOnce: atOnce,
		Gather: gather,
		Poll:   poll,
		Wake:   p.letters.Wake(lane),
		Failed: func(ctx context.Context, err error) { p.log.WarnContext(ctx, "mails wait", "lane", lane, "error", err) },
	}

	loop.Run(ctx)
}

// Deliver sends letters of a lane that are due, and returns how many there were. If the process dies meanwhile, or the
// answer of the mail server is lost, they are sent again, with the same Message-ID: better than not at all.
func (p *Postman) Deliver(ctx context.Context, lane letter.Lane) (int, error) {
	letters, err := p.letters.Claim(ctx, lane, atOnce)
	if err != nil {
		return 0, err
	}

	if len(letters) == 0 {
		p.servers[lane].CloseIdle()
		return 0, nil
	}

	results := p.send(ctx, lane, letters)

	return len(letters), p.letters.Settle(context.WithoutCancel(ctx), results)
}

func (p *Postman) send(ctx context.Context, lane letter.Lane, letters []letter.Letter) []letter.Result {
	var (
		results = make([]letter.Result, 0, len(letters))
		written = make([]*mail.Mail, 0, len(letters))
		sending = make([]*letter.Letter, 0, len(letters))
	)

	for i := range letters {
		l := &letters[i]

		if !l.Wanted || l.Digest != nil && len(l.Digest.Told) == 0 {
			p.count(string(letter.Unwanted))

			results = append(results, letter.Result{ID: l.ID, Outcome: letter.Unwanted})

			continue
		}

		m, err := p.write(l)
		if err != nil {
			results = append(results, p.result(ctx, l, err))

			continue
		}

		written, sending = append(written, &m), append(sending, l)
	}

	for i, err := range p.servers[lane].Send(ctx, written) {
		results = append(results, p.result(ctx, sending[i], err))
	}

	return results
}

// write turns a panic into an error, so that one letter that cannot be written keeps no other from leaving.
func (p *Postman) write(l *letter.Letter) (m mail.Mail, err error) {
	defer func() {
		if found := recover(); found != nil {
			err = fmt.Errorf("panic: %v\n%s", found, debug.Stack())
		}
	}()

	return l.Mail(p.webURL)
}

// result decides whether there will be another try.
func (p *Postman) result(ctx context.Context, l *letter.Letter, err error) letter.Result {
	result := letter.Result{ID: l.ID, Tries: l.Tries}
	log := p.log.With("letter_id", l.ID, "tries", l.Tries, "error", err)

	switch {
	case err == nil:
		result.Outcome = letter.Sent
	case errors.Is(err, mail.ErrNotTried):
		result.Untried = true

		return result
	case errors.Is(err, mail.ErrUndeliverable):
		result.Outcome = letter.Undeliverable

		log.WarnContext(ctx, "mail cannot be sent")
	case p.clock.Now().Sub(l.CreatedAt) > giveUpAfter:
		result.Outcome = letter.GivenUp

		log.ErrorContext(ctx, "mail given up")
	default:
		result.Pause = pause(l.Tries - 1)

		log.WarnContext(ctx, "mail not sent, will be tried again")
		p.count("failed")

		return result
	}

	p.count(string(result.Outcome))

	return result
}

func (p *Postman) count(outcome string) { p.sent.WithLabelValues(outcome).Inc() }

// pause doubles with every failure.
func pause(failures int) time.Duration {
	const enough = 11 // 500 ms × 2¹¹ is beyond the longest pause
	if failures >= enough {
		return longestPause
	}

	return min(firstPause<<max(failures, 0), longestPause)
}
