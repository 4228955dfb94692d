//go:build platform

package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

const platformPassword = "melati-senja-27"

// signInAt begins a session on the platform, as a person whose language is English.
func (p *tab) signInAt(email, password string) {
	p.t.Helper()
	p.prefersEnglish(email, password)
	p.visit("/login").settles()
	p.fill("E-mail", email)
	p.fill("Password", password)
	p.act("submit")
	p.Eventually(func() string { return eval[string](p, "location.pathname") }).WithTimeout(patience).ShouldNot(Equal("/login"))
}

// prefersEnglish gives the account the language of these tests, which the website speaks after signing in.
func (p *tab) prefersEnglish(email, password string) {
	p.t.Helper()

	var session struct {
		AccessToken string `json:"access_token"`
	}

	p.call(http.MethodPost, "/api/auth/login", "", map[string]string{"email": email, "password": password}, &session)
	p.call(http.MethodPatch, "/api/users/me", session.AccessToken, map[string]string{"language": "en"}, &struct{}{})
}

// call asks the API itself.
func (p *tab) call(method, path, token string, body, answer any) {
	p.t.Helper()

	sent, err := json.Marshal(body)
	p.Expect(err).NotTo(HaveOccurred())

	request, err := http.NewRequest(method, os.Getenv("GATEWAY_URL")+path, bytes.NewReader(sent))
	p.Expect(err).NotTo(HaveOccurred())
	request.Header.Set("Content-Type", "application/json")

	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}

	response, err := http.DefaultClient.Do(request)
	p.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = response.Body.Close() }()

	p.Expect(response).To(HaveHTTPStatus(http.StatusOK))
	p.Expect(json.NewDecoder(response.Body).Decode(answer)).To(Succeed())
}

// The whole story on the platform itself, with three people at once: a student asks for two times, an admin confirms
// one, both write to each other; and a teacher, who was invited by mail, sees the week.
func TestPlatform_Story(t *testing.T) {
	url := os.Getenv("GATEWAY_URL")
	email := fmt.Sprintf("siti-%d@example.com", time.Now().UnixNano())
	student, admin := open(t, url, phone), open(t, url, desk)

	student.visit("/").settles()
	student.click("Piano untuk Pemula")
	student.sees("Choose two times")
	student.pick(0)
	student.pick(1)
	student.click("Sign in to ask for these times")
	student.click("Create an account")
	student.fill("Name", "Siti Rahma")
	student.fill("E-mail", email)
	student.fill("Password", platformPassword)
	student.act("submit")
	student.sees("Piano untuk Pemula", "A word to the school")
	student.act("submit")
	student.sees("Your request is with the school")
	student.picture("platform-sent")

	admin.signInAt(os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD"))
	admin.sees("Requests that wait", "Siti Rahma")
	admin.picture("platform-inbox")
	admin.act("confirmFor", "Siti Rahma")
	admin.sees("Confirmed for Siti Rahma.")

	student.visit("/bookings")
	student.sees("Piano untuk Pemula", "confirmed")
	student.visit("/chat")
	student.Eventually(func() int { return eval[int](student, "document.querySelectorAll('.chat textarea').length") }).WithTimeout(patience).Should(Equal(1))
	student.fill("Write a message", "Apakah saya perlu membawa buku?")
	student.act("submit")
	admin.visit("/admin/chat")
	admin.click("Siti Rahma")
	admin.sees("Apakah saya perlu membawa buku?")
	admin.fill("Write a message", "Tidak perlu, kami punya.")
	admin.act("submit")
	student.sees("Tidak perlu, kami punya.")

	student.clean()
	admin.clean()
}

// An admin invites a teacher, whose mail leads to a password, a session and the week.
func TestPlatform_InvitedTeacher(t *testing.T) {
	url := os.Getenv("GATEWAY_URL")
	email := fmt.Sprintf("sari-%d@example.com", time.Now().UnixNano())
	admin, teacher := open(t, url, desk), open(t, url, phone)

	admin.signInAt(os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD"))
	admin.visit("/admin/people").settles()
	admin.click("Invite somebody")
	admin.sees("The person gets a mail with a link")
	admin.fill("Name", "Sari Wulandari")
	admin.fill("E-mail", email)
	admin.choose("Language", "English")
	admin.act("submit")
	admin.sees("An invitation is on its way")

	teacher.visit(linkIn(teacher, email, "/reset?token=")).settles()
	teacher.fill("New password", platformPassword)
	teacher.act("submit")
	teacher.sees("Your password is set.")
	teacher.signInAt(email, platformPassword)
	teacher.sees("My week", "No lessons in this week.")

	teacher.clean()
	admin.clean()
}

// Every page of the platform itself, as whom it is for: nothing red, no barriers, nothing that stays away.
func TestPlatform_Pages(t *testing.T) {
	url := os.Getenv("GATEWAY_URL")
	p := open(t, url, desk)
	p.signInAt(os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD"))

	for _, path := range []string{"/", "/profile", "/notifications", "/admin", "/admin/calendar", "/admin/bookings", "/admin/people", "/admin/audit", "/admin/chat"} {
		t.Run(strings.ReplaceAll(path, "/", "_"), func(t *testing.T) {
			p.with(t).inspect(path, "platform")
			p.Expect(p.text()).NotTo(ContainSubstring("We try again by ourselves."))
		})
	}
}

// linkIn waits for a mail to the address and returns the path of the link in it.
func linkIn(p *tab, email, path string) string {
	p.t.Helper()
	link := regexp.MustCompile(regexp.QuoteMeta(path) + `[\w.~-]+`)
	found := ""

	p.Eventually(func() string {
		found = link.FindString(string(fetch(p, "/mails?to="+email)))
		return found
	}).WithTimeout(30 * time.Second).WithPolling(200 * time.Millisecond).ShouldNot(BeEmpty())
	return found
}

func fetch(p *tab, path string) []byte {
	p.t.Helper()
	response, err := http.Get(os.Getenv("MAIL_URL") + path)
	p.Expect(err).NotTo(HaveOccurred())
	defer func() { _ = response.Body.Close() }()

	text, err := io.ReadAll(response.Body)
	p.Expect(err).NotTo(HaveOccurred())
	return text
}
