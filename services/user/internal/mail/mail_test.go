package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
	ourmail "github.com/shema-music/shema/services/user/internal/mail"
)

// server is a mail server that remembers what it took, or refuses.
type server struct {
	mu     sync.Mutex
	took   []string
	to     []string
	refuse error
	// refused are addresses that are unknown.
	refused string
	// sessions is how many connections there were, and hangUp ends each after its first message.
	sessions int
	hangUp   bool
	open     []*smtp.Conn
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.sessions++
	s.open = append(s.open, c)

	return session{s, c}, nil
}

// closeAll closes all connections, as a server does with those that are idle.
func (s *server) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()

	for _, c := range s.open {
		_ = c.Conn().Close()
	}
}

type session struct {
	*server

	conn *smtp.Conn
}

func (session) Logout() error { return nil }

func (s session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.hangUp && len(s.took) > 0 {
		_ = s.conn.Conn().Close()
	}
}

func (session) Mail(string, *smtp.MailOptions) error { return nil }

func (s session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.to = append(s.to, to)

	if to == s.refused {
		return &smtp.SMTPError{Code: 550, Message: to + " is unknown"}
	}

	return s.refuse
}

func (s session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)

	s.mu.Lock()
	defer s.mu.Unlock()

	s.took = append(s.took, string(content))

	return err
}

// listen serves mail, and returns a sender that sends it there.
func listen(t *testing.T, refuse error) (*server, *connections) {
	t.Helper()

	took := &server{refuse: refuse}
	host := smtp.NewServer(took)
	host.EnableSMTPUTF8 = true

	return took, sender(t, serve(t, host, false), "", "")
}

// serve lets the host serve until the test ends, with TLS from the first byte or not, and returns its port.
func serve(t *testing.T, host *smtp.Server, secured bool) (port int) {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	port = listener.Addr().(*net.TCPAddr).Port

	if secured {
		listener = tls.NewListener(listener, host.TLSConfig)
		host.TLSConfig = nil
	}

	served := make(chan struct{})

	go func() {
		defer close(served)

		_ = host.Serve(listener)
	}()

	t.Cleanup(func() {
		_ = host.Close()
		_ = listener.Close() // the server does not know it until it has begun to serve

		<-served
	})

	return port
}

// connections are to a server of the test.
type connections struct{ *ourmail.Connections }

// SendOne sends one message.
func (c *connections) SendOne(ctx context.Context, m *ourmail.Mail) error {
	return c.Send(ctx, []*ourmail.Mail{m})[0]
}

// sender returns what sends to a port of this machine.
func sender(t *testing.T, port int, username, password string) *connections {
	t.Helper()

	return connect(t, ourmail.Settings{
		Host:     "127.0.0.1",
		Port:     port,
		Username: username,
		Password: password,
		TLS:      "opportunistic",
		From:     "Sekolah Musik <no-reply@school.example>",
	})
}

func connect(t *testing.T, settings ourmail.Settings) *connections {
	t.Helper()
	g := NewWithT(t)

	s, err := ourmail.NewSender(settings)
	g.Expect(err).NotTo(HaveOccurred())

	c, err := s.Connect(3, clock.System{})
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(c.Close)

	return &connections{c}
}

func lesson() *ourmail.Mail {
	return &ourmail.Mail{
		ID:          uuid.MustParse("0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11"),
		To:          "siti@bücher.example",
		Subject:     "Les Anda dikonfirmasi: " + strings.Repeat("Piano für Anfänger =?utf-8?q?x?= ", 10),
		Text:        "Halo Siti,\n\n" + strings.Repeat("panjang sekali ", 200) + "\n",
		HTML:        "<p>Halo Siti,</p>",
		Date:        time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC),
		Unsubscribe: "https://school.example/profile",
		Calendar:    "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
	}
}

// TestConnections_Send_AsMailProgramsLikeIt reads the message as the server took it.
func TestConnections_Send_AsMailProgramsLikeIt(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	took, sender := listen(t, nil)

	g.Expect(sender.SendOne(t.Context(), lesson())).To(Succeed())

	g.Expect(took.to).To(ConsistOf("siti@xn--bcher-kva.example"))

	message, err := mail.ReadMessage(strings.NewReader(took.took[0]))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(message.Header.Get("Message-ID")).To(Equal("<0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11@school.example>"))
	g.Expect(message.Header.Get("Auto-Submitted")).To(Equal("auto-generated"))
	g.Expect(message.Header.Get("List-Unsubscribe")).To(Equal("<https://school.example/profile>"))
	g.Expect(message.Header.Date()).To(BeTemporally("==", lesson().Date))

	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(subject).To(Equal(lesson().Subject), "also what looks like an encoded word")

	g.Expect(types(g, message)).To(ConsistOf("text/plain", "text/html", "text/calendar"))
	expectLines(g, took.took[0])
}

// expectLines holds the limits of RFC 5322, 2.1.1 and RFC 2047, 2.
func expectLines(g Gomega, message string) {
	lines := bufio.NewScanner(strings.NewReader(message))
	for lines.Scan() {
		g.Expect(len(lines.Text())).To(BeNumerically("<=", 998))

		for word := range strings.FieldsSeq(lines.Text()) {
			if strings.HasPrefix(word, "=?") {
				g.Expect(len(word)).To(BeNumerically("<=", 75), word)
			}
		}
	}
}

// types lists the media types of all parts that hold something.
func types(g Gomega, message *mail.Message) []string {
	content, err := io.ReadAll(message.Body)
	g.Expect(err).NotTo(HaveOccurred())

	return partTypes(g, message.Header.Get("Content-Type"), content)
}

func partTypes(g Gomega, contentType string, content []byte) []string {
	media, parameters, err := mime.ParseMediaType(contentType)
	g.Expect(err).NotTo(HaveOccurred())

	if !strings.HasPrefix(media, "multipart/") {
		return []string{media}
	}

	var all []string

	reader := multipart.NewReader(bytes.NewReader(content), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return all
		}

		g.Expect(err).NotTo(HaveOccurred())

		inner, err := io.ReadAll(part)
		g.Expect(err).NotTo(HaveOccurred())

		all = append(all, partTypes(g, part.Header.Get("Content-Type"), inner)...)
	}
}

// TestConnections_Send_Refusals sees which failures are final, and that no error repeats an address.
func TestConnections_Send_Refusals(t *testing.T) {
	t.Parallel()

	for reason, c := range map[string]struct {
		to     string
		refuse error
		final  bool
	}{
		"the server never takes it": {"siti@example.com", &smtp.SMTPError{Code: 550, Message: "siti@example.com is unknown"}, true},
		"the server is busy":        {"siti@example.com", &smtp.SMTPError{Code: 451, Message: "siti@example.com later"}, false},
		"it is no address":          {"siti;ani@example.com", nil, true},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			_, sender := listen(t, c.refuse)
			m := lesson()
			m.To = c.to

			err := sender.SendOne(t.Context(), m)

			g.Expect(err).To(HaveOccurred())
			g.Expect(errors.Is(err, ourmail.ErrUndeliverable)).To(Equal(c.final), err.Error())
			g.Expect(err.Error()).NotTo(ContainSubstring("siti"))
		})
	}
}

func TestConnections_Send_SMTPUTF8(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	took, sender := listen(t, nil)
	m := lesson()
	m.To = "günther@example.com"

	g.Expect(sender.SendOne(t.Context(), m)).To(Succeed())
	g.Expect(took.to).To(ConsistOf("günther@example.com"))
}

func TestConnections_Send_NoServer(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())

	port := listener.Addr().(*net.TCPAddr).Port
	g.Expect(listener.Close()).To(Succeed())

	sender := connect(t, ourmail.Settings{
		Host: "127.0.0.1",
		Port: port,
		TLS:  "none",
		From: "no-reply@school.example",
	})

	err = sender.SendOne(t.Context(), lesson())
	g.Expect(err).To(HaveOccurred())
	g.Expect(errors.Is(err, ourmail.ErrUndeliverable)).To(BeFalse(), "it may come back")

	none := connect(t, ourmail.Settings{From: "no-reply@school.example", TLS: "none"})
	g.Expect(none.SendOne(t.Context(), lesson())).To(MatchError(ourmail.ErrUndeliverable), "there is no server at all")
}

func TestNewSender_Settings(t *testing.T) {
	t.Parallel()

	for _, s := range []ourmail.Settings{{From: "no-reply@school.example", TLS: "maybe"}, {From: "no address", TLS: "none"}} {
		_, err := ourmail.NewSender(s)
		NewWithT(t).Expect(err).To(MatchError(Or(ContainSubstring("SMTP_TLS"), ContainSubstring("MAIL_FROM"))))
	}
}
