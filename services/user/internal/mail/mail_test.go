package mail_test

import (
	"context"
	"errors"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/user/internal/mail"
	"github.com/shema-music/shema/services/user/internal/notification"
)

type call struct {
	name, operation, data string
	metadata              map[string]string
}

func TestSend(t *testing.T) {
	t.Parallel()

	cases := []struct{ reason, to, want string }{
		{"an ordinary address goes as it is", "Siti.A+les@example.com", "Siti.A+les@example.com"},
		{"the domain has an ASCII form", "siti@bücher.example", "siti@xn--bcher-kva.example"},
		{"SMTPUTF8 is beyond the binding", "sïti@example.com", ""},
		{"the binding would send to both", "siti@example.com;everybody@example.com", ""},
		{"no header can be added", "siti@example.com\r\nBcc: everybody@example.com", ""},
		{"it is no address", "siti", ""},
		{"a name around the address is none of ours", "Siti <siti@example.com>", ""},
	}
	for _, c := range cases {
		g := NewWithT(t)

		var sent []call

		b := mail.New(func(_ context.Context, name, operation string, data []byte, metadata map[string]string) error {
			sent = append(sent, call{name, operation, string(data), metadata})
			return nil
		})

		err := b.Send(t.Context(), notification.Mail{To: c.to, Subject: "“Piano”", HTML: "<p>Hello</p>"})
		if c.want == "" {
			g.Expect(err).To(MatchError(mail.ErrUndeliverable), c.reason)
			g.Expect(sent).To(BeEmpty(), c.reason)

			continue
		}

		g.Expect(err).NotTo(HaveOccurred(), c.reason)
		g.Expect(sent).To(Equal([]call{{
			"mail", "create", "<p>Hello</p>", map[string]string{"emailTo": c.want, "subject": "“Piano”"},
		}}), c.reason)
	}
}

func TestAFailureOfTheBindingComesBack(t *testing.T) {
	t.Parallel()

	away := errors.New("away")
	b := mail.New(func(context.Context, string, string, []byte, map[string]string) error { return away })
	NewWithT(t).Expect(b.Send(t.Context(), notification.Mail{To: "siti@example.com"})).To(MatchError(away))
}
