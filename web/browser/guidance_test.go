package browser

import (
	"net/http"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// path is where the tab is.
func (p *tab) path() string {
	p.t.Helper()
	return eval[string](p, "location.pathname")
}

// A page that was not loaded before the network went away says so, and comes when it is back.
func TestOffline_PageNotLoadedYet(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)
	p.signIn(studentEmail)
	p.visit("/home").settles()

	p.offline(true)
	p.click("My lessons")
	p.sees("You are offline.", "We try again by ourselves.")
	p.offline(false)

	p.sees("Biola untuk Anak")
	p.Expect(p.path()).To(Equal("/bookings"))
	p.clean()
}

// A link that does not work any more says so, and leads to what works.
func TestMailLinks_UsedOrOld(t *testing.T) {
	s := openSchool(t)
	invalid := refusal(http.StatusBadRequest, "AUTH_INVALID_MAIL_TOKEN", "This link does not work any more.", nil)
	t.Cleanup(s.answer("POST /api/auth/password/reset", invalid))
	t.Cleanup(s.answer("POST /api/auth/email/verify", invalid))
	p := open(t, s.URL, phone)

	p.visit("/reset?token=abc").settles()
	p.fill("New password", "melati-senja-27")
	p.act("submit")
	p.sees("This link has been used or is too old.")
	p.click("Forgotten password")
	p.sees("Send the link")

	p.signIn(studentEmail)
	p.visit("/verify?token=abc").settles()
	p.sees("This link has been used or is too old.")
	p.click("Send the mail again")
	p.sees("The mail is on its way.")
	p.Expect(p.axe()).To(BeEmpty())

	s.mu.Lock()
	s.people[0]["email_verified_at"] = s.at(-time.Hour)
	s.mu.Unlock()
	p.visit("/verify?token=abc").settles()
	p.sees("Your address is confirmed already.")
	p.clean()
}

// Who signs in reads their own language, unless they have chosen another one here, which their account then has too.
func TestLanguage_OfAccount(t *testing.T) {
	s := openSchool(t)
	s.people[0]["language"] = "id"

	p := open(t, s.URL, phone)
	p.signIn(studentEmail)
	p.sees("Halo, Siti")

	other := open(t, s.URL, phone.in("id-ID"))
	other.visit("/login").settles()
	other.click("EN")
	other.sees("I forgot my password")
	other.fill("E-mail", studentEmail)
	other.fill("Password", "melati-senja-27")
	other.act("submit")
	other.sees("Hello, Siti")
	other.Eventually(func() any {
		s.mu.Lock()
		defer s.mu.Unlock()

		return s.people[0]["language"]
	}).WithTimeout(patience).Should(Equal("en"))
	other.clean()
}

// A teacher whose week is empty is led to the next lesson; where there is none, told whose lessons appear.
func TestTeach_EmptyWeek(t *testing.T) {
	s := openSchool(t)
	all := s.lessons
	s.lessons = all[:1]

	p := open(t, s.URL, phone)
	p.signIn(teacherEmail)
	p.visit("/teach").settles()
	p.sees("No lessons in this week.")
	p.click("Go to")
	p.sees("Siti Rahma")

	s.mu.Lock()
	s.lessons = nil
	s.mu.Unlock()
	p.visit("/teach").settles()
	p.sees("a course that names you as its teacher, with your address " + teacherEmail)
	p.Expect(p.axe()).To(BeEmpty())
	p.clean()
}

// In the list of all bookings, a request shows what is asked for and leads to where it is decided.
func TestBookings_UndecidedLeadsToInbox(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, desk)
	p.signIn(adminEmail)

	p.visit("/admin/bookings?status=pending").settles()
	p.sees("First choice", "Second choice")
	p.click("Decide in the inbox")

	p.sees("Requests that wait")
	p.clean()
}

// Who signs in on the way to two times goes on where they were, and who has not chosen yet is told what is missing.
func TestBooking_RequestInSight(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)

	p.visit("/courses/piano-pemula").settles()
	p.pick(0)
	p.pick(2)
	p.click("Sign in to ask for these times")
	p.fill("E-mail", studentEmail)
	p.fill("Password", "melati-senja-27")
	p.act("submit")
	p.sees("A word to the school")
	p.Eventually(func() bool {
		return eval[bool](p, `(() => { const box = document.querySelector('.chosen').getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0; })()`)
	}).WithTimeout(patience).Should(BeTrue())

	p.pick(0)
	p.sees("Choose two times above first.")
	p.clean()
}

// On a phone the line to write on is above the bar at the bottom, in the student's chat and on the desk.
func TestChat_ComposerInSight(t *testing.T) {
	s := openSchool(t)
	inSight := func(p *tab) func() bool {
		return func() bool {
			return eval[bool](p, `document.querySelector('.chat form').getBoundingClientRect().bottom <= document.querySelector('.tabbar').getBoundingClientRect().top`)
		}
	}

	student := open(t, s.URL, phone)
	student.signIn(studentEmail)
	student.visit("/chat")
	student.sees("Bagus, saya pesan sekarang.")
	student.Eventually(inSight(student)).WithTimeout(patience).Should(BeTrue())

	admin := open(t, s.URL, phone)
	admin.signIn(adminEmail)
	admin.visit("/admin/chat")
	admin.click("Siti Rahma")
	admin.sees("Bagus, saya pesan sekarang.")
	admin.Eventually(inSight(admin)).WithTimeout(patience).Should(BeTrue())
}

// A request whose answer got lost is the same request when it is sent again, and another one after a refusal.
func TestBooking_SentAgain(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)
	p.signIn(studentEmail)
	p.visit("/courses/piano-pemula").settles()
	p.pick(0)
	p.pick(2)

	var keys []string

	refuse := func(status int, code string) func() {
		return s.answer("POST /api/bookings/create", func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			keys = append(keys, r.Header.Get("Idempotency-Key"))
			s.mu.Unlock()
			refusal(status, code, "Not now: "+code, nil)(w, r)
		})
	}
	sent := func() []string {
		s.mu.Lock()
		defer s.mu.Unlock()

		return slices.Compact(slices.Clone(keys))
	}

	refuse(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
	p.act("submit")
	p.sees("This part of the school's system is away for a moment.")

	refuse(http.StatusConflict, "BOOKING_ALREADY_PENDING")
	p.act("submit")
	p.sees("Not now: BOOKING_ALREADY_PENDING")
	p.Expect(sent()).To(HaveLen(1), "the same key")

	p.act("submit")
	p.Eventually(sent).WithTimeout(patience).Should(HaveLen(2))
	p.clean()
}

// What has been read no longer counts as waiting for an answer, as soon as the school has heard of it.
func TestDesk_ReadCountsAtOnce(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, desk)
	p.signIn(adminEmail)
	p.visit("/admin/chat")
	p.sees("unanswered")

	asked := 0
	t.Cleanup(s.answer("GET /api/chat/stats", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()

		asked++
		say(w, http.StatusOK, object{"count": 1, "unanswered": max(0, 2-asked)})
	}))
	p.click("Siti Rahma")

	p.Eventually(func() int { return eval[int](p, "document.querySelectorAll('.subnav .count').length") }).WithTimeout(patience).Should(BeZero())
}

// Whoever asks for all courses again finds the field for searching empty.
func TestCatalogue_ShowAll(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)
	p.visit("/?q=zither").settles()

	p.click("Show all courses")

	p.sees("Piano untuk Pemula")
	p.Expect(eval[string](p, "document.querySelector('input[type=search]').value")).To(BeEmpty())
	p.clean()
}
