package mailbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/local/internal/mailbox"
	"github.com/shema-music/shema/services/kit/clock"
)

var noon = time.Date(2027, 1, 4, 12, 0, 0, 0, time.UTC)

// start returns a mail server's address and the box behind it.
func start(t *testing.T) (string, *mailbox.Box) {
	t.Helper()

	box := mailbox.New(clock.NewFake(noon))
	server := mailbox.NewServer(box, mailbox.Login{User: "shema", Password: "secret"}, slog.New(slog.DiscardHandler))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	go func() { _ = server.Serve(listener) }()

	t.Cleanup(func() { _ = server.Close() })

	return listener.Addr().String(), box
}

const message = "From: Shema Music <no-reply@shema.test>\r\nTo: siti@example.com\r\n" +
	"Subject: =?UTF-8?q?Les_Anda_dikonfirmasi:_=E2=80=9CBi=C3=B3la=E2=80=9D?=\r\n" +
	"Content-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>16.00=E2=80=9317.00 WIB =\r\n(Asia/Jakarta)</p>\r\n"

func TestMailbox_Send_Kept(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	address, box := start(t)
	auth := smtp.PlainAuth("", "shema", "secret", "127.0.0.1")
	g.Expect(smtp.SendMail(address, auth, "no-reply@shema.test", []string{"siti@example.com", "budi@example.com"}, []byte(message))).To(Succeed())
	g.Expect(smtp.SendMail(address, auth, "no-reply@shema.test", []string{"budi@example.com"}, []byte("no mail at all"))).To(Succeed())

	g.Expect(box.List("")).To(HaveLen(2))
	g.Expect(box.List("unknown@example.com")).To(BeEmpty())

	mine := box.List("SITI@example.com")
	g.Expect(mine).To(HaveLen(1))
	g.Expect(mine[0].Subject).To(Equal("Les Anda dikonfirmasi: “Bióla”"))
	g.Expect(mine[0].Body).To(Equal("<p>16.00–17.00 WIB (Asia/Jakarta)</p>\r\n"))
	g.Expect(mine[0].ReceivedAt).To(Equal(noon))
	g.Expect(mine[0].From).To(Equal("no-reply@shema.test"))
	g.Expect(box.List("budi@example.com")[0].Body).To(ContainSubstring("no mail at all"), "newest first, and whatever comes")
}

func TestMailbox_Send_Password(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	address, box := start(t)
	wrong := smtp.PlainAuth("", "shema", "guess", "127.0.0.1")
	g.Expect(smtp.SendMail(address, wrong, "a@b.test", []string{"c@d.test"}, []byte(message))).NotTo(Succeed())
	g.Expect(smtp.SendMail(address, nil, "a@b.test", []string{"c@d.test"}, []byte(message))).NotTo(Succeed())
	g.Expect(box.List("")).To(BeEmpty())
}

func TestMailbox_HTTP_Messages(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	box := mailbox.New(clock.NewFake(noon))
	web := httptest.NewServer(mailbox.Handler(box))
	t.Cleanup(web.Close)

	get := func(path string) (int, string) {
		response, err := http.Get(web.URL + path)
		g.Expect(err).NotTo(HaveOccurred())

		defer func() { _ = response.Body.Close() }()

		body, err := io.ReadAll(response.Body)
		g.Expect(err).NotTo(HaveOccurred())

		return response.StatusCode, string(body)
	}
	_, empty := get("/mails")
	g.Expect(empty).To(MatchJSON(`{"items":[]}`))

	box.Add("a@b.test", []string{"siti@example.com"}, []byte(message))
	box.Add("a@b.test", []string{"budi@example.com"}, []byte("Subject: <script>alert(1)</script>\r\n\r\n<script>alert(2)</script>"))

	var list struct{ Items []mailbox.Mail }

	_, body := get("/mails?to=siti@example.com")
	g.Expect(json.Unmarshal([]byte(body), &list)).To(Succeed())
	g.Expect(list.Items).To(HaveLen(1))

	_, source := get("/mails/" + list.Items[0].ID)
	g.Expect(source).To(Equal(message))

	status, _ := get("/mails/99")
	g.Expect(status).To(Equal(http.StatusNotFound))

	_, page := get("/")
	g.Expect(page).To(ContainSubstring("Les Anda dikonfirmasi"))
	g.Expect(page).To(ContainSubstring(`srcdoc="&lt;p&gt;16.00`))
	g.Expect(page).NotTo(ContainSubstring("<script>"), "a mail can do nothing on the page")
}

func TestMailbox_Add_ForgetsOldest(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	box := mailbox.New(clock.NewFake(noon))
	for i := range 501 {
		box.Add("a@b.test", []string{fmt.Sprintf("%d@example.com", i)}, []byte("x"))
	}

	all := box.List("")
	g.Expect(all).To(HaveLen(500))
	g.Expect(all[0].To).To(Equal([]string{"500@example.com"}))
	g.Expect(box.List("0@example.com")).To(BeEmpty())

	_, found := box.Get("1")
	g.Expect(found).To(BeFalse())
}
