package mail

import (
	"context"
	"sync"

	"github.com/shema-music/shema/services/kit/clock"
)

// perConnection is how many messages are worth one more connection.
const perConnection = 5

// Connections hand messages to the mail server over connections that stay open between calls: one for a few messages, more
// for many. One goroutine uses them at a time.
type Connections struct{ all []*connection }

// Connect returns connections, at most count, which open when they are first used.
func (s *Sender) Connect(count int, c clock.Clock) (*Connections, error) {
	all := make([]*connection, count)

	for i := range all {
		var err error
		if all[i], err = s.connect(c); err != nil {
			return nil, err
		}
	}

	return &Connections{all}, nil
}

// Send hands messages to the mail server, each once, and returns what became of each: nil if the server has taken it,
// ErrUndeliverable where it never will, ErrNotTried for those that had no time left. Any other failure may pass. It takes no
// longer than 10 s. Errors name codes, never the server's words, which repeat addresses.
func (c *Connections) Send(ctx context.Context, mails []*Mail) []error {
	used := min(len(c.all), (len(mails)+perConnection-1)/perConnection)
	failures := make([]error, len(mails))

	var sending sync.WaitGroup

	for i := range used {
		from, to := i*len(mails)/used, (i+1)*len(mails)/used

		sending.Go(func() { copy(failures[from:to], c.all[i].send(ctx, mails[from:to])) })
	}

	sending.Wait()

	return failures
}

// CloseIdle closes connections that were not used for some seconds.
func (c *Connections) CloseIdle() {
	for _, one := range c.all {
		one.closeIdle()
	}
}

// Close closes all connections. The next Send would open them again.
func (c *Connections) Close() {
	for _, one := range c.all {
		one.close()
	}
}
