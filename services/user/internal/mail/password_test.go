package mail_test

import (
	"errors"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	. "github.com/onsi/gomega"
)

// guarded is a mail server that takes mail from who knows its password, and has no TLS.
type guarded struct{ *server }

func (s *guarded) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &guardedSession{session: session{s.server, c}}, nil
}

type guardedSession struct {
	session

	known bool
}

func (*guardedSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *guardedSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		s.known = username == "shema" && password == "secret"
		if !s.known {
			return errors.New("wrong password")
		}

		return nil
	}), nil
}

func (s *guardedSession) Mail(string, *smtp.MailOptions) error {
	if !s.known {
		return smtp.ErrAuthRequired
	}

	return nil
}

// TestConnections_Send_Password: a server on this machine may ask for a password without TLS, as the local mail catcher does.
func TestConnections_Send_Password(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	took := &server{}
	host := smtp.NewServer(&guarded{took})
	host.AllowInsecureAuth = true
	port := serve(t, host, false)

	for password, taken := range map[string]int{"wrong": 0, "secret": 1} {
		before := len(took.took)
		_ = sender(t, port, "shema", password).SendOne(t.Context(), lesson())

		g.Expect(len(took.took)-before).To(Equal(taken), password)
	}
}
