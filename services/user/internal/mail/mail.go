// Package mail hands messages to Dapr's SMTP binding.
package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/idna"

	"github.com/shema-music/shema/services/kit/email"
	"github.com/shema-music/shema/services/user/internal/notification"
)

// binding is the name of the component, sending the only operation it has.
const (
	binding = "mail"
	sending = "create"
)

// ErrUndeliverable says that no try will ever get the message to its address.
var ErrUndeliverable = errors.New("mail cannot be sent to this address")

// InvokeBinding is dapr.Sidecar.InvokeBinding.
type InvokeBinding func(ctx context.Context, name, operation string, data []byte, metadata map[string]string) error

// Binding sends through the sidecar.
type Binding struct{ invoke InvokeBinding }

// New returns the binding of a sidecar.
func New(invoke InvokeBinding) *Binding { return &Binding{invoke: invoke} }

// Send hands a message to the mail server. It must not be called again before it has returned: the binding (as of
// components-contrib 1.18.3) keeps the address and the subject of a call where the next call finds them, so that two
// calls at once can send one person's message to the other. It fails with ErrUndeliverable or errs.Unavailable.
func (b *Binding) Send(ctx context.Context, m notification.Mail) error {
	to, err := ascii(m.To)
	if err != nil {
		return err
	}

	return b.invoke(ctx, binding, sending, []byte(m.HTML), map[string]string{"emailTo": to, "subject": m.Subject})
}

// ascii writes an address as the binding can take it: of an internationalised one the domain has another form, the
// local part has none. The binding would split an address at a semicolon; valid ones have none.
func ascii(address string) (string, error) {
	if !email.Valid(address) || strings.Contains(address, ";") {
		return "", fmt.Errorf("%w: it is not valid", ErrUndeliverable)
	}

	local := email.LocalPart(address)
	if strings.IndexFunc(local, func(r rune) bool { return r > '~' }) >= 0 {
		return "", fmt.Errorf("%w: its local part needs SMTPUTF8", ErrUndeliverable)
	}

	domain, err := idna.Lookup.ToASCII(address[len(local)+1:])
	if err != nil {
		return "", fmt.Errorf("%w: its domain has no ASCII form", ErrUndeliverable)
	}

	return local + "@" + domain, nil
}
