// Package mail hands messages to a mail server.
package mail

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"github.com/shema-music/shema/services/kit/email"
)

// implicitTLSPort is where servers speak TLS from the first byte (RFC 8314).
const implicitTLSPort = 465

var (
	// ErrUndeliverable says that no try will ever get the message to its address.
	ErrUndeliverable = errors.New("mail cannot be sent to this address")
	// ErrNotTried says that there was no time left for the message: nothing of it has left.
	ErrNotTried = errors.New("there was no time left for this mail")
)

// Mail is a message to one person.
type Mail struct {
	// ID makes the Message-ID: a second try has the same, so that programs can see that it is the same message.
	ID uuid.UUID
	// To is the bare address, Subject one line of any characters.
	To, Subject string
	// Text and HTML say the same.
	Text, HTML string
	Date       time.Time
	// Unsubscribe is the address of the page where mails of this kind are turned off; empty for those that can't be.
	Unsubscribe string
	// Calendar is a lesson as a file of the type text/calendar; empty for none.
	Calendar string
}

// Settings say how the mail server is reached; without a host nothing is sent.
type Settings struct {
	Host     string
	Port     int
	Username string
	Password string
	// TLS is starttls (nothing without it), tls (from the first byte), none, or opportunistic: tls on port 465, otherwise
	// STARTTLS if it is offered.
	TLS string
	// From is an address with or without a name; its domain ends the Message-IDs.
	From string
}

// Sender knows how messages are written and where the mail server is; Connect returns what hands them over.
type Sender struct {
	settings Settings
	options  []gomail.Option
	domain   string
	// implicitTLS says that the server speaks TLS from the first byte.
	implicitTLS bool
}

// NewSender returns the sender for these settings, or says what is wrong with them.
func NewSender(s Settings) (*Sender, error) {
	options, err := clientOptions(&s)
	if err != nil {
		return nil, err
	}

	probe := gomail.NewMsg()
	if err := probe.From(s.From); err != nil {
		return nil, fmt.Errorf("MAIL_FROM is no address: %w", err)
	}

	address := probe.GetFrom()[0].Address

	return &Sender{
		settings:    s,
		options:     options,
		domain:      address[strings.LastIndexByte(address, '@')+1:],
		implicitTLS: s.implicitTLS(),
	}, nil
}

func (s *Settings) implicitTLS() bool {
	return s.TLS == "tls" || s.TLS == "opportunistic" && s.Port == implicitTLSPort
}

func clientOptions(s *Settings) ([]gomail.Option, error) {
	options := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(timeout)}

	switch s.TLS {
	case "starttls":
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case "tls", "opportunistic":
		// Where TLS is there from the first byte, the server offers no STARTTLS, and the client sees that it is not needed.
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case "none":
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("SMTP_TLS is %q: use starttls, tls, opportunistic or none", s.TLS)
	}

	if s.Username != "" {
		options = append(options, gomail.WithSMTPAuth(authentication(s)),
			gomail.WithUsername(s.Username), gomail.WithPassword(s.Password))
	}

	return options, nil
}

// authentication is the strongest that the server offers. Without TLS the password goes in clear to this machine alone,
// where it crosses no network.
func authentication(s *Settings) gomail.SMTPAuthType {
	ip := net.ParseIP(s.Host)
	local := s.Host == "localhost" || ip != nil && ip.IsLoopback()

	if local && s.TLS != "tls" && s.TLS != "starttls" && s.Port != implicitTLSPort {
		return gomail.SMTPAuthPlainNoEnc
	}

	return gomail.SMTPAuthAutoDiscover
}

// permanent is the first code with which a mail server says "never"; before it stand those of "not now".
const permanent = 500

func classify(err error) error {
	refused, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return errUnreachable
	}

	if refused.ErrorCode() == 0 {
		return errHungUp
	}

	reason := fmt.Errorf("the mail server answered %d %s", refused.ErrorCode(), refused.EnhancedStatusCode())
	if refused.ErrorCode() >= permanent && !refused.IsTemp() {
		return fmt.Errorf("%w: %w", ErrUndeliverable, reason)
	}

	return reason
}

func (s *Sender) message(m *Mail) (*gomail.Msg, error) {
	to, err := reachable(m.To)
	if err != nil {
		return nil, err
	}

	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(message.From(s.settings.From), message.To(to)); err != nil {
		return nil, fmt.Errorf("%w: it is not valid", ErrUndeliverable)
	}

	message.Subject(m.Subject)
	message.SetMessageIDWithValue(m.ID.String() + "@" + s.domain)
	message.SetDateWithValue(m.Date)
	message.SetGenHeader("Auto-Submitted", "auto-generated")

	if m.Unsubscribe != "" {
		message.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
	}

	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	message.AddAlternativeString(gomail.TypeTextHTML, m.HTML)

	if m.Calendar != "" {
		err := message.AttachReader("lesson.ics", strings.NewReader(m.Calendar),
			gomail.WithFileContentType("text/calendar; charset=utf-8; method=PUBLISH"))
		if err != nil {
			return nil, fmt.Errorf("attach a lesson: %w", err)
		}
	}

	return message, nil
}

// reachable writes an address so that most servers take it: an internationalised domain has another form. A local part
// of other letters has none; servers that offer SMTPUTF8 take it, others refuse.
func reachable(address string) (string, error) {
	if !email.Valid(address) {
		return "", fmt.Errorf("%w: it is not valid", ErrUndeliverable)
	}

	local := email.LocalPart(address)
	if strings.IndexFunc(local, func(r rune) bool { return r > '~' }) >= 0 {
		return address, nil
	}

	domain, err := idna.Lookup.ToASCII(address[len(local)+1:])
	if err != nil {
		return "", fmt.Errorf("%w: its domain has no ASCII form", ErrUndeliverable)
	}

	return local + "@" + domain, nil
}
