package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// timeout bounds one try: connecting and signing in, or handing one message over.
	timeout = 8 * time.Second
	// beginWithin is until when a call of Send begins another message, and endWithin when it has ended, whatever the
	// server does.
	beginWithin, endWithin = 4 * time.Second, 10 * time.Second
	// keptFor is how long an unused connection stays open. Servers close theirs after some minutes.
	keptFor = 5 * time.Second
)

// These do not name the reason, which may repeat addresses and passwords.
var (
	errUnreachable = errors.New("the mail server could not be reached")
	errHungUp      = errors.New("the mail server did not answer to the message")
)

// connection is a way to the mail server that stays open between messages. One goroutine uses it at a time.
type connection struct {
	sender *Sender
	clock  clock.Clock
	client *gomail.Client

	// raw is what is below TLS, and session is nil, unless there is a connection.
	raw     *bounded
	session *smtp.Client
	usedAt  time.Time
	// until is when the present call ends.
	until time.Time
}

func (s *Sender) connect(c clock.Clock) (*connection, error) {
	conn := &connection{sender: s, clock: c}
	if s.settings.Host == "" {
		return conn, nil
	}

	options := append([]gomail.Option{gomail.WithDialContextFunc(conn.dial), gomail.WithoutNoop()}, s.options...)

	var err error
	if conn.client, err = gomail.NewClient(s.settings.Host, options...); err != nil {
		return nil, fmt.Errorf("set up a mail client: %w", err)
	}

	return conn, nil
}

// send hands messages over one after the other, and returns for each why it could not: nothing is tried twice.
func (c *connection) send(ctx context.Context, mails []*Mail) []error {
	failures := make([]error, len(mails))
	began := c.clock.Now()
	c.until = began.Add(endWithin)
	c.revive()

	for i, m := range mails {
		switch {
		case i > 0 && errors.Is(failures[i-1], errUnreachable):
			failures[i] = errUnreachable // the others would only wait for the same
		case ctx.Err() != nil || c.clock.Now().Sub(began) > beginWithin:
			failures[i] = ErrNotTried
		default:
			failures[i] = c.sendOne(ctx, m)
		}
	}

	c.usedAt = c.clock.Now()

	return failures
}

func (c *connection) sendOne(ctx context.Context, m *Mail) error {
	if c.client == nil {
		return fmt.Errorf("%w: SMTP_HOST is not set", ErrUndeliverable)
	}

	message, err := c.sender.message(m)
	if err != nil {
		return err
	}

	if err := c.open(ctx); err != nil {
		return err
	}

	err = c.client.SendWithSMTPClient(c.session, message)
	if err == nil {
		return nil
	}

	// Whatever went wrong, the next message finds the server at the beginning, or a new connection.
	if c.session.Reset() != nil {
		c.drop()
	}

	if message.IsDelivered() {
		return nil
	}

	return classify(err)
}

// revive sees whether a connection that was kept is still one.
func (c *connection) revive() {
	if c.session == nil {
		return
	}

	if c.session.UpdateDeadline(timeout) != nil || c.session.Noop() != nil {
		c.drop()
	}
}

func (c *connection) open(ctx context.Context) error {
	if c.session != nil {
		return nil
	}

	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	session, err := c.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		c.drop()
		return errUnreachable
	}

	c.session = session

	return nil
}

// dial connects, with TLS from the first byte where the settings say so.
func (c *connection) dial(ctx context.Context, network, address string) (net.Conn, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}

	c.raw = &bounded{Conn: raw, until: &c.until}
	if !c.sender.implicitTLS {
		return c.raw, nil
	}

	secured := tls.Client(c.raw, &tls.Config{ServerName: c.sender.settings.Host, MinVersion: tls.VersionTLS12})

	return secured, secured.HandshakeContext(ctx)
}

// drop ends the connection without a word.
func (c *connection) drop() {
	if c.raw != nil {
		_ = c.raw.Close()
	}

	c.raw, c.session = nil, nil
}

// close takes leave of the server.
func (c *connection) close() {
	if c.session != nil {
		c.until = c.clock.Now().Add(timeout)
		if c.session.UpdateDeadline(timeout) == nil {
			_ = c.session.Quit()
		}
	}

	c.drop()
}

func (c *connection) closeIdle() {
	if c.session != nil && c.clock.Now().Sub(c.usedAt) > keptFor {
		c.close()
	}
}

// bounded is a connection whose deadlines are never later than until, whichever layer sets them.
type bounded struct {
	net.Conn

	until *time.Time
}

// SetDeadline implements net.Conn.
func (b *bounded) SetDeadline(t time.Time) error {
	if t.After(*b.until) {
		t = *b.until
	}

	return b.Conn.SetDeadline(t)
}
