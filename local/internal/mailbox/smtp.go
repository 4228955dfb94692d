package mailbox

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const (
	maxMessage = 1 << 20
	ioTimeout  = 10 * time.Second
)

// Login is what a client must know; without a user all clients may send.
type Login struct{ User, Password string }

// NewServer returns an SMTP server that puts into the box what clients with the login send. It has no TLS: it is for the
// loopback, and for development in a cluster.
func NewServer(box *Box, login Login, log *slog.Logger) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{
			box:   box,
			login: login,
			known: login.User == "",
			log:   log,
		}, nil
	}))
	server.Domain, server.AllowInsecureAuth = "localhost", true
	server.MaxMessageBytes, server.ReadTimeout, server.WriteTimeout = maxMessage, ioTimeout, ioTimeout
	server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)

	return server
}

// session is one connection.
type session struct {
	box   *Box
	login Login
	log   *slog.Logger

	known bool
	from  string
	to    []string
}

// AuthMechanisms lists the only one.
func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth checks user and password.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if subtle.ConstantTimeCompare([]byte(user+"\n"+password), []byte(s.login.User+"\n"+s.login.Password)) != 1 {
			return smtp.ErrAuthFailed
		}

		s.known = true

		return nil
	}), nil
}

// Mail begins a message.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.known {
		return smtp.ErrAuthRequired
	}

	s.from = from

	return nil
}

// Rcpt adds a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data takes the message.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read a message: %w", err)
	}

	s.box.Add(s.from, s.to, raw)
	s.log.Info("caught a mail", "to", s.to)

	return nil
}

// Reset forgets the message in hand.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the connection.
func (*session) Logout() error { return nil }
