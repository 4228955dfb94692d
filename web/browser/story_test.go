package browser

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp/kb"
	. "github.com/onsi/gomega"
)

// pick clicks one free slot of the course's page by its place in the week.
func (p *tab) pick(n int) {
	p.t.Helper()
	p.act("slot", n)
}

// A student chooses two times by click, signs in on the way, and finds them again.
func TestBooking_SignInOnTheWay(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)

	p.visit("/courses/piano-pemula").settles()
	p.pick(0)
	p.pick(2)
	p.sees("First choice", "Second choice")
	p.click("Sign in to ask for these times")
	p.fill("E-mail", studentEmail)
	p.fill("Password", "melati-senja-27")
	p.act("submit")
	p.sees("Piano untuk Pemula")
	p.fill("A word to the school", "I have a keyboard at home.")
	p.act("submit")

	p.sees("Your request is with the school")
	p.click("My lessons")
	p.sees("Piano untuk Pemula", "waiting for the school")
	p.clean()
}

// With the keyboard alone: arrows go from time to time, 1 and 2 give a time its place.
func TestBooking_ByKey(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, desk)
	p.signIn(studentEmail)

	p.visit("/courses/piano-pemula").settles()
	p.act("focusSlot", 0)
	p.key("2")
	p.key(kb.ArrowRight)
	p.key("1")

	p.Eventually(func() []string {
		return eval[[]string](p, `[...document.querySelectorAll('button.slot[aria-pressed="true"] small')].map((one) => one.textContent)`)
	}).WithTimeout(patience).Should(ConsistOf("First choice", "Second choice"))
	p.clean()
}

// Another student is a moment faster: the page says so kindly, keeps the other choice and shows what is near and free.
func TestBooking_SlotTakenInBetween(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, desk)
	p.signIn(studentEmail)

	p.visit("/courses/piano-pemula").settles()
	p.pick(0)
	p.pick(3)
	s.mu.Lock()
	s.slots[0]["status"] = "reserved"
	s.mu.Unlock()
	p.act("submit")

	p.sees("Somebody was a moment faster", "These times near it are still free")
	p.picture("slot-taken")
	p.Expect(p.axe()).To(BeEmpty())
	p.act("nearby")
	p.act("submit")
	p.sees("Your request is with the school")
	p.clean()
}

// All refusals of the API stand beside their fields, and the first of them has the focus.
func TestForms_FieldErrors(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)

	p.visit("/register").settles()
	p.fill("E-mail", "stranger")
	p.fill("Password", "melati-senja-27")
	p.act("submit")

	p.sees("This is not an e-mail address.", "Please give your name.")
	p.Expect(eval[string](p, "document.activeElement.name")).To(Equal("full_name"))
	p.Expect(eval[bool](p, `document.activeElement.getAttribute('aria-invalid') === 'true' && document.activeElement.getAttribute('aria-describedby') !== null`)).To(BeTrue())
	p.Expect(p.axe()).To(BeEmpty())
	p.picture("field-errors")
	p.clean()
}

// An access token that has expired is renewed without a word, once for all tabs.
func TestSession_TokenExpiredInTwoTabs(t *testing.T) {
	s := openSchool(t)
	first := open(t, s.URL, desk)
	first.signIn(studentEmail)
	first.visit("/home").settles()
	second := first.another(desk)
	second.visit("/bookings").settles()

	s.expire()
	before := s.refreshes

	first.click("My lessons")
	second.click("Home")
	first.sees("Vokal Pop")
	second.sees("Hello, Siti")

	s.mu.Lock()
	defer s.mu.Unlock()

	first.Expect(s.refreshes - before).To(BeNumerically("<=", 2))
}

// Who signs out in one tab is signed out in all.
func TestSession_SignOutInAllTabs(t *testing.T) {
	s := openSchool(t)
	first := open(t, s.URL, desk)
	first.signIn(studentEmail)
	second := first.another(desk)
	second.visit("/home").settles()

	first.visit("/profile").settles()
	first.click("Sign out")

	second.sees("Sign in")
	second.seesNot("Hello, Siti")
}

// A service that is away is said to be, in place of what it would show, and asked again when it is back.
func TestAway_ComesBackByItself(t *testing.T) {
	s := openSchool(t)
	restore := s.answer("GET /api/courses", refusal(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "Away.", nil))
	p := open(t, s.URL, phone)

	p.visit("/")
	p.sees("This part of the school's system is away for a moment.", "We try again by ourselves.")
	p.Expect(p.axe()).To(BeEmpty())
	p.picture("away")
	restore()

	p.sees("Piano untuk Pemula")
}

// With the website away, a page that is open stays, says what it could not load, and loads it when the website is back.
func TestAway_WebsiteAlone(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)
	p.signIn(studentEmail)
	p.visit("/home").settles()

	restore := s.answer("website", refusal(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "Away.", nil))

	p.click("My lessons")
	p.sees("This part of the school's system is away for a moment.", "We try again by ourselves.")
	restore()

	p.sees("Biola untuk Anak")
	p.Expect(p.path()).To(Equal("/bookings"))
	p.clean()
}

// What takes longer than a moment shows that it is on its way, also where no shape stands for what will come.
func TestSlow_Progress(t *testing.T) {
	s := openSchool(t)
	release := make(chan struct{})
	restore := s.answer("POST /api/recommendations/generate", func(w http.ResponseWriter, _ *http.Request) {
		<-release
		s.mu.Lock()
		defer s.mu.Unlock()

		say(w, http.StatusOK, s.recommendation())
	})

	defer restore()

	p := open(t, s.URL, phone)
	p.signIn(studentEmail)
	p.visit("/home").settles()

	p.click("Recommend again")

	progress := `getComputedStyle(document.querySelector('[role="progressbar"]') ?? document.createElement('i')).opacity`
	p.Eventually(func() string { return eval[string](p, progress) }).WithTimeout(patience).Should(Equal("1"))
	p.picture("progress")
	p.Expect(p.axe()).To(BeEmpty())
	close(release)
	p.Eventually(func() string { return eval[string](p, progress) }).WithTimeout(patience).Should(BeEmpty())
	p.clean()
}

// On a slow network shapes stand where the courses will be, and nothing moves when they come.
func TestSlow_NothingMoves(t *testing.T) {
	s := openSchool(t)
	release := make(chan struct{})

	restore := s.answer("GET /api/courses", func(w http.ResponseWriter, r *http.Request) {
		<-release
		s.mu.Lock()
		defer s.mu.Unlock()

		s.listCourses(w, r)
	})
	defer restore()

	p := open(t, s.URL, phone)

	p.visit("/")
	p.Eventually(func() int { return eval[int](p, "document.querySelectorAll('.bone').length") }).WithTimeout(patience).Should(BeNumerically(">", 2))
	p.picture("slow")
	close(release)
	p.sees("Piano untuk Pemula")

	shift := eval[float64](p, `new Promise((resolve) => {
		let sum = 0;
		new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; })
			.observe({type: 'layout-shift', buffered: true});
		setTimeout(() => resolve(sum), 300);
	})`)
	p.Expect(shift).To(BeNumerically("<", 0.1))
}

func (p *tab) offline(yes bool) {
	p.t.Helper()
	p.run(network.EmulateNetworkConditions(yes, 0, -1, -1))
}

// What is written while the network is away is sent when it is back, once; and what was said meanwhile arrives.
func TestChat_OfflineAndBack(t *testing.T) {
	s := openSchool(t)
	student, admin := open(t, s.URL, phone), open(t, s.URL, desk)
	student.signIn(studentEmail)
	admin.signIn(adminEmail)
	student.visit("/chat")
	student.sees("Bagus, saya pesan sekarang.")
	admin.visit("/admin/chat")
	admin.click("Siti Rahma")
	admin.sees("Bagus, saya pesan sekarang.")

	student.offline(true)
	s.cut()
	student.sees("Connecting…")
	student.fill("Write a message", "Apakah saya perlu membawa biola?")
	student.act("submit")
	student.sees("waiting for the network")
	admin.Eventually(func() string { return eval[string](admin, "document.querySelector('.chat .banner')?.innerText ?? ''") }).WithTimeout(patience).Should(BeEmpty())
	admin.fill("Write a message", "Tidak perlu, kami punya.")
	admin.act("submit")
	student.offline(false)

	admin.sees("Apakah saya perlu membawa biola?")
	student.sees("Tidak perlu, kami punya.")
	student.seesNot("waiting for the network")
	student.Expect(eval[int](student, `[...document.querySelectorAll('.message')].filter((one) => one.innerText.includes('membawa biola')).length`)).To(Equal(1))
}

// An admin decides with the keyboard alone.
func TestInbox_ByKey(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, desk)
	p.signIn(adminEmail)
	p.visit("/admin").settles()

	p.key("j")
	p.key("1")
	p.sees("Confirmed for Bima Prakoso.", "Take back")
	p.Eventually(func() int { return eval[int](p, "document.querySelectorAll('.request').length") }).WithTimeout(patience).Should(Equal(1))
	p.key("j")
	p.key("r")
	p.fill("Reason", "Ibu Neneng sedang sakit.")
	p.act("submit")

	p.sees("Rejected: Siti Rahma.", "Nothing waits for you.")
	p.clean()
}

// The teacher notes who came.
func TestTeach_Attendance(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)
	p.signIn(teacherEmail)
	p.visit("/teach").settles()

	p.sees("Bima Prakoso")
	p.choose("was absent", "")
	p.fill("Note", "Belum datang.")
	p.act("submit")

	p.sees("Saved for Bima Prakoso.")
	p.clean()
}

// A reader far away sees the school's times, and is told their own.
func TestTimes_OtherZone(t *testing.T) {
	s := openSchool(t)
	far := desk
	far.timeZone = "Europe/Berlin"
	p := open(t, s.URL, far)

	p.visit("/courses/piano-pemula").settles()
	p.pick(0)

	p.sees("Times are those of the school", "Europe/Berlin", "your time")
	p.Expect(p.axe()).To(BeEmpty())
}

// The other language comes at once, stays over a new page, and starts the week on the locale's day.
func TestLanguage_Switch(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)

	p.visit("/").settles()
	p.click("ID")
	p.sees("Temukan les yang cocok untuk Anda")
	p.visit("/courses/piano-pemula").settles()

	p.sees("Pilih dua waktu")
	p.Expect(eval[string](p, "document.documentElement.lang")).To(Equal("id"))
	p.clean()
}

// The first page stays light and quick.
func TestBudget_FirstPage(t *testing.T) {
	s := openSchool(t)
	p := open(t, s.URL, phone)
	began := time.Now()

	p.visit("/")
	p.sees("Piano untuk Pemula")

	took := time.Since(began)

	script := eval[int](p, `performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js')).reduce((sum, one) => sum + one.encodedBodySize, 0)`)
	hosts := eval[[]string](p, `[...new Set(performance.getEntriesByType('resource').map((one) => new URL(one.name).host))]`)

	t.Logf("script %d bytes, courses visible after %s", script, took)
	p.Expect(script).To(BeNumerically("<", 60<<10))
	p.Expect(eval[float64](p, "performance.getEntriesByType('navigation')[0].domInteractive")).To(BeNumerically("<", 1000))
	p.Expect(hosts).To(HaveLen(1), "pages ask no host but their own")
}
