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
// one, the teacher, who was invited by mail, has it in the week, and student and admin write to each other.
func TestPlatform_Story(t *testing.T) {
	url := os.Getenv("GATEWAY_URL")
	email := fmt.Sprintf("siti-%d@example.com", time.Now().UnixNano())
	name := fmt.Sprintf("Siti %d", time.Now().UnixNano()%1_000_000)
	student, admin := open(t, url, phone), open(t, url, desk)
	admin.signInAt(os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD"))
	teacher := pianoTeacher(admin)

	student.visit("/").settles()
	student.click("Piano untuk Pemula")
	student.sees("Choose two times")
	student.pick(0)
	student.pick(1)
	student.click("Sign in to ask for these times")
	student.click("Create an account")
	student.fill("Name", name)
	student.fill("E-mail", email)
	student.fill("Password", platformPassword)
	student.act("submit")
	student.sees("Piano untuk Pemula", "A word to the school")
	student.act("submit")
	student.sees("Your request is with the school")
	student.picture("platform-sent")

	admin.visit("/admin")
	admin.sees("Requests that wait", name)
	admin.picture("platform-inbox")
	admin.act("confirmFor", name)
	admin.sees("Confirmed for " + name + ".")

	student.visit("/bookings")
	student.sees("Piano untuk Pemula", "confirmed")
	teacher.findsLesson(name)
	teacher.picture("platform-teacher")
	student.visit("/chat")
	student.Eventually(func() int { return eval[int](student, "document.querySelectorAll('.chat textarea').length") }).WithTimeout(patience).Should(Equal(1))
	student.fill("Write a message", "Apakah saya perlu membawa buku?")
	student.act("submit")
	admin.visit("/admin/chat")
	admin.click(name)
	admin.sees("Apakah saya perlu membawa buku?")
	admin.fill("Write a message", "Tidak perlu, kami punya.")
	admin.act("submit")
	student.sees("Tidak perlu, kami punya.")

	student.clean()
	teacher.clean()
	admin.clean()
}

// An admin invites a teacher, whose mail leads to a password, a session and the week.
func TestPlatform_InvitedTeacher(t *testing.T) {
	url := os.Getenv("GATEWAY_URL")
	admin := open(t, url, desk)
	admin.signInAt(os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD"))

	teacher := invited(admin, fmt.Sprintf("sari-%d@example.com", time.Now().UnixNano()))

	teacher.sees("My week", "No lessons in this week.")
	teacher.clean()
	admin.clean()
}

// invited is a teacher whom the admin invites, signed in on a phone.
func invited(admin *tab, email string) *tab {
	admin.t.Helper()
	admin.visit("/admin/people").settles()
	admin.click("Invite somebody")
	admin.sees("The person gets a mail with a link")
	admin.fill("Name", "Sari Wulandari")
	admin.fill("E-mail", email)
	admin.choose("Language", "English")
	admin.act("submit")
	admin.sees("An invitation is on its way")

	teacher := open(admin.t, admin.url, phone)
	teacher.visit(linkIn(teacher, email, "/reset?token=")).settles()
	teacher.fill("New password", platformPassword)
	teacher.act("submit")
	teacher.sees("Your password is set.")
	teacher.signInAt(email, platformPassword)

	return teacher
}

// pianoTeacher is the one whom the sample's piano courses name; an earlier run on the same platform may have invited her.
func pianoTeacher(admin *tab) *tab {
	admin.t.Helper()

	const email = "sari@shema.music"

	admin.visit("/admin/people?q=" + email).settles()

	if !strings.Contains(admin.text(), email) {
		return invited(admin, email)
	}

	teacher := open(admin.t, admin.url, phone)
	teacher.signInAt(email, platformPassword)

	return teacher
}

// findsLesson waits until the next week with lessons has one of the student.
func (p *tab) findsLesson(student string) {
	p.t.Helper()
	p.Eventually(func() string {
		p.visit("/teach").settles()

		if strings.Contains(p.text(), "No lessons in this week.") && strings.Contains(p.text(), "Go to") {
			p.click("Go to")
			p.settles()
		}

		return p.text()
	}).WithTimeout(3 * patience).WithPolling(500 * time.Millisecond).Should(ContainSubstring(student))
}

// The client package's tests against the platform itself, on a page without a session of its own.
func TestPlatform_Client(t *testing.T) {
	p := open(t, os.Getenv("GATEWAY_URL"), desk)
	p.visit("/healthz")

	admin, err := json.Marshal(map[string]string{"email": os.Getenv("ADMIN_EMAIL"), "password": os.Getenv("ADMIN_PASSWORD")})
	p.Expect(err).NotTo(HaveOccurred())
	eval[bool](p, fmt.Sprintf("(globalThis.platform = %s, true)", admin))

	p.runs("platform.ts", 6)
	p.clean()
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

// The same in the narrowest window, for a teacher and a student too.
func TestPlatform_Small(t *testing.T) {
	url := os.Getenv("GATEWAY_URL")
	admin, student := open(t, url, small), open(t, url, small)
	admin.signInAt(os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD"))

	for _, path := range []string{"/", "/courses/piano-pemula", "/admin", "/admin/calendar", "/admin/bookings", "/admin/people", "/admin/audit", "/admin/chat"} {
		admin.visit(path).settles()
		admin.picture("platform-small-" + nameOf(path))
		admin.fits(path)
	}

	student.visit("/register").settles()
	student.fits("/register")
	student.fill("Name", "Siti Rahma")
	student.fill("E-mail", fmt.Sprintf("kecil-%d@example.com", time.Now().UnixNano()))
	student.fill("Password", platformPassword)
	student.act("submit")
	student.sees("Hello, Siti")

	for _, path := range []string{"/home", "/bookings", "/chat", "/profile", "/notifications"} {
		student.visit(path).settles()
		student.picture("platform-small-" + nameOf(path))
		student.fits(path)
	}
}

// text is what the page says.
func (p *tab) text() string {
	p.t.Helper()

	text, err := p.reads()
	p.Expect(err).NotTo(HaveOccurred())

	return text
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
