package platform_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var (
	resetLink  = regexp.MustCompile(`/reset\?token=([A-Za-z0-9_-]+)`)
	verifyLink = regexp.MustCompile(`/verify\?token=([A-Za-z0-9_-]+)`)
	// unfolded undoes quoted-printable as far as a link needs it.
	unfolded = strings.NewReplacer("=\r\n", "", "=\n", "", "=3D", "=")
)

// linked waits for a mail with the link, and returns the newest one's token.
func linked(p *client.Person, link *regexp.Regexp) string {
	GinkgoHelper()

	var token string

	eventually(func() string {
		token = ""

		for _, m := range mails(p) {
			if found := link.FindStringSubmatch(unfolded.Replace(m.Body)); found != nil {
				token = found[1]
				break
			}
		}

		return token
	}).ShouldNot(BeEmpty())

	return token
}

var _ = Describe("A forgotten password", acrossReplicas, func() {
	It("is replaced with the token of a mail, once", func() {
		p := student()
		answers := []client.Answer{
			stranger().Post("/api/auth/password/forgot", map[string]any{"email": p.Email}),
			stranger().Post("/api/auth/password/forgot", map[string]any{"email": freshEmail()}),
		}

		for _, a := range answers {
			Expect(a).To(succeed(202))
			Expect(a.Body).To(MatchJSON(`{}`))
		}

		token := linked(p, resetLink)
		reset := map[string]any{"token": token, "new_password": "Angklung-dan-suling"}
		Expect(stranger().Post("/api/auth/password/reset", map[string]any{"token": token, "new_password": "12345678"})).
			To(beRefused(400, "AUTH_WEAK_PASSWORD"))
		Expect(stranger().Post("/api/auth/password/reset", reset)).To(succeed(204))
		refusedWithinASecond(p.Client)
		Expect(stranger().Post("/api/auth/password/reset", reset)).To(beRefused(400, "AUTH_INVALID_MAIL_TOKEN"))
		Expect(stranger().Login(p.Email, p.Password)).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))
		Expect(stranger().Login(p.Email, "Angklung-dan-suling")).To(succeed(200))
	})
})

var _ = Describe("An address", func() {
	It("is verified, and replaced by another one, with the tokens of mails", func() {
		p := student()
		Expect(stranger().Post("/api/auth/email/verify", map[string]any{"token": linked(p, verifyLink)})).To(succeed(204))
		Expect(string(p.Get("/api/users/me").Body)).NotTo(ContainSubstring(`"email_verified_at":null`))

		other := *p
		other.Email = freshEmail()
		Expect(p.Post("/api/auth/email", map[string]any{"new_email": other.Email, "current_password": p.Password})).To(succeed(202))
		Expect(stranger().Post("/api/auth/email/verify", map[string]any{"token": linked(&other, verifyLink)})).To(succeed(204))
		Expect(stranger().Login(p.Email, p.Password)).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))
		Expect(stranger().Login(other.Email, p.Password)).To(succeed(200))
	})
})

var _ = Describe("An invitation", func() {
	It("lets a teacher in who sets a password", func() {
		invited := &client.Person{Client: stranger(), Email: freshEmail()}
		body := map[string]any{"email": invited.Email, "full_name": "Sari Wulandari", "role": "teacher"}
		Expect(admin().Post("/api/users", body)).To(succeed(201))
		Expect(student().Post("/api/users", body)).To(beRefused(403, "AUTH_FORBIDDEN"))

		set := map[string]any{"token": linked(invited, resetLink), "new_password": "Angklung-dan-suling"}
		Expect(stranger().Post("/api/auth/password/reset", set)).To(succeed(204))
		Expect(read[client.Session](stranger().Login(invited.Email, "Angklung-dan-suling"), 200).User.Role).To(Equal("teacher"))
	})
})

// registrations are the events of registrations that the broker still has.
func registrations() (string, error) {
	entries, err := platform.Redis.XRange(context.Background(), "user.registered", "-", "+").Result()
	return fmt.Sprint(entries), err
}

var _ = Describe("Leaving", acrossReplicas, func() {
	It("ends everything at once, and is in the audit log with who did it", func() {
		p := student()
		Eventually(registrations).Should(ContainSubstring(p.Email))

		gone := p.Do(http.MethodDelete, "/api/users/me", map[string]any{"current_password": "wrong"})
		Expect(gone).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))
		Expect(p.Do(http.MethodDelete, "/api/users/me", map[string]any{"current_password": p.Password})).To(succeed(204))
		refusedWithinASecond(p.Client)
		Expect(stranger().Login(p.Email, p.Password)).To(beRefused(401, "AUTH_INVALID_CREDENTIALS"))

		Eventually(func() string {
			return string(admin().Get("/api/admin/audit?event=erased&user_id=" + p.Session.User.ID).Body)
		}).
			WithTimeout(5 * time.Second).Should(ContainSubstring(`"actor_id":"` + p.Session.User.ID + `"`))

		Eventually(registrations).WithTimeout(time.Minute).WithPolling(time.Second).ShouldNot(ContainSubstring(p.Email))

		q := student()
		Expect(admin().Do(http.MethodDelete, "/api/users/"+q.Session.User.ID, map[string]any{"reason": "Diminta lewat telepon."})).To(succeed(204))
		refusedWithinASecond(q.Client)
		Expect(q.Register(q.Email, password, nil)).To(succeed(201), "the address is free again")
	})
})
