package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	. "github.com/onsi/gomega"
)

// visits are all pages, each as whom it is for.
func visits(s *school) []struct{ path, email string } {
	return []struct{ path, email string }{
		{"/", ""},
		{"/courses/piano-pemula", ""},
		{"/register", ""},
		{"/login", ""},
		{"/forgot", ""},
		{"/reset?token=abc", ""},
		{"/verify?token=abc", ""},
		{"/no-such-page", ""},
		{"/home", studentEmail},
		{"/bookings", studentEmail},
		{"/chat", studentEmail},
		{"/profile", studentEmail},
		{"/notifications", studentEmail},
		{"/teach", teacherEmail},
		{"/admin", adminEmail},
		{"/admin/calendar", adminEmail},
		{"/admin/bookings", adminEmail},
		{"/admin/people", adminEmail},
		{"/admin/people/" + s.people[0]["id"].(string), adminEmail},
		{"/admin/audit", adminEmail},
		{"/admin/chat", adminEmail},
	}
}

// signIn begins a session as the page of signing in would.
func (p *tab) signIn(email string) {
	p.t.Helper()
	p.visit("/login")

	if strings.HasPrefix(eval[string](p, "document.documentElement.lang"), "id") {
		p.fill("Surel", email)
		p.fill("Kata sandi", "melati-senja-27")
		p.act("submit")
	} else {
		p.fill("E-mail", email)
		p.fill("Password", "melati-senja-27")
		p.act("submit")
	}

	p.Eventually(func() string { return eval[string](p, "location.pathname") }).WithTimeout(patience).ShouldNot(Equal("/login"))
}

// Every page, for each role, in both languages, on a phone and on a desk, by day and by night: nothing in the console,
// nothing that keeps a visitor out, nothing wider than the window.
func TestPages(t *testing.T) {
	looks := map[string]look{
		"phone-en-light": phone,
		"desk-id-light":  desk.in("id-ID"),
		"phone-id-dark":  phone.in("id-ID").darkened(),
		"desk-en-dark":   desk.darkened(),
	}
	for name, l := range looks {
		t.Run(name, func(t *testing.T) {
			s := openSchool(t)
			for _, person := range s.people {
				person["language"] = l.language[:2]
			}

			everyPage(t, s, l, func(p *tab, path string) { p.inspect(path, name) })
		})
	}
}

// everyPage has each page looked at in the tab of whom it is for.
func everyPage(t *testing.T, s *school, l look, inspect func(p *tab, path string)) {
	t.Helper()

	people := guests{}
	for _, visit := range visits(s) {
		p := people.tab(t, s, visit.email, l)
		t.Run(nameOf(visit.path), func(t *testing.T) { inspect(p.with(t), visit.path) })
	}
}

// guests have a tab each, by their addresses; a visitor's is empty.
type guests map[string]*tab

// tab returns the tab of a guest, who opens it and signs in when it is first asked for.
func (g guests) tab(t *testing.T, s *school, email string, l look) *tab {
	t.Helper()

	p := g[email]
	if p == nil {
		p = open(t, s.URL, l)
		g[email] = p

		if email != "" {
			p.signIn(email)
			p.settles()
		}
	}

	return p
}

// furniture is what the frame around every page asks for, once for each person that signs in: the session, the connection,
// and the numbers in the navigation.
var furniture = []string{
	"POST /api/auth/refresh", "POST /api/chat/ticket", "GET /api/chat/connect", "GET /api/chat/stats",
	"GET /api/users/me/notifications?unread=true&limit=1",
}

// A page asks for what it shows with three requests at most, so that it opens quickly on a slow line.
func TestPages_Requests(t *testing.T) {
	const most = 3

	s := openSchool(t)

	people := guests{}
	for _, visit := range visits(s) {
		p := people.tab(t, s, visit.email, desk)

		s.askedFor()
		p.visit(visit.path)
		p.settles()

		asked := slices.DeleteFunc(s.askedFor(), func(request string) bool {
			return slices.ContainsFunc(furniture, func(f string) bool { return strings.HasPrefix(request, f) })
		})
		t.Logf("%s: %s", visit.path, strings.Join(asked, ", "))
		p.Expect(len(asked)).To(BeNumerically("<=", most), "%s asks for %v", visit.path, asked)
	}
}

// askedFor returns the requests since it was last called.
func (s *school) askedFor() []string {
	s.mu.Lock()
	defer s.mu.Unlock()

	asked := s.asked
	s.asked = nil

	return asked
}

// with reports to another test.
func (p *tab) with(t *testing.T) *tab {
	p.WithT, p.t = NewWithT(t), t
	return p
}

// nameOf is the path of a page without what differs from one run to the next.
func nameOf(path string) string {
	short, _, _ := strings.Cut(strings.Trim(path, "/"), "?")
	if _, found := strings.CutPrefix(short, "admin/people/"); found {
		short = "admin/people/one"
	}

	return strings.ReplaceAll(short, "/", "_")
}

func (p *tab) inspect(path, name string) {
	p.t.Helper()
	p.visit(path)
	p.settles()

	p.picture(name + "-" + nameOf(path))

	p.Expect(p.axe()).To(BeEmpty(), "barriers")
	p.fits(path)
	p.Expect(eval[string](p, "document.title")).To(ContainSubstring("·"))
	p.clean()
}

// axe looks for what keeps people with disabilities out, by the rules of WCAG 2.2 AA and axe's own best practices.
func (p *tab) axe() []string {
	p.t.Helper()

	script, err := os.ReadFile("../third_party/axe-core/axe.min.js")
	p.Expect(err).NotTo(HaveOccurred())
	p.run(chromedp.Evaluate(string(script), nil))
	text := eval[string](p, `axe.run(document, {resultTypes: ['violations']}).then((found) =>
		JSON.stringify(found.violations.map((one) => ({id: one.id, nodes: one.nodes.map((node) => node.html.slice(0, 160) + ' ' + node.failureSummary)}))))`)

	var found []struct {
		ID    string
		Nodes []string
	}
	p.Expect(json.Unmarshal([]byte(text), &found)).To(Succeed())

	var violations []string
	for _, one := range found {
		violations = append(violations, fmt.Sprintf("%s: %s", one.ID, strings.Join(one.Nodes, "\n")))
	}

	return violations
}
