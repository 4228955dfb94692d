package browser

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	. "github.com/onsi/gomega"
)

// layout.js finds what a person can't read.
//
//go:embed testdata/layout.js
var layoutJS string

// small is the narrowest window for which pages are made: WCAG's reflow, which is also a desk's window at 400 %.
var small = look{width: 320, height: 640, language: "en-GB"}

// fits looks for text that is cut off, lies upon other text or makes the page scroll sideways.
func (p *tab) fits(what string) {
	p.t.Helper()
	p.run(chromedp.Evaluate(layoutJS, nil))
	p.Expect(eval[[]string](p, fmt.Sprintf("shemaLayout.faults(%d)", p.look.width))).To(BeEmpty(), what)
}

// long are names as they occur, at their longest; and an address and a word that no line can be broken in.
var long = map[string]string{
	"Siti Rahma":                                "Raden Ajeng Kusumawardhani Sastrodiningrat-Wiryokusumo",
	"Bima Prakoso":                              "Bima Tjokroaminotokusumowardhaningrat",
	"Piano untuk Pemula":                        "Pianoforte untuk pemula yang belum pernah memainkan alat musik apa pun",
	"Ibu Sari Wulandari":                        "Bapak Mangkunegara Sastrowardoyo Tjokroaminoto, M.Mus.",
	"bima@example.com":                          "bima.tjokroaminotokusumowardhaningrat@sekolah-musik.example.com",
	"Empat pertemuan sebulan":                   "Delapan pertemuan sebulan, dengan buku dan ujian kenaikan tingkat",
	"Bagus, saya pesan sekarang. Terima kasih!": "https://example.com/" + strings.Repeat("lagu", 30),
}

// renames puts long names in the place of short ones, wherever they are.
func renames(value any) any {
	switch value := value.(type) {
	case object:
		for key, one := range value {
			value[key] = renames(one)
		}
	case []object:
		for _, one := range value {
			renames(one)
		}
	case string:
		if name, found := long[value]; found {
			return name
		}
	}

	return value
}

func openSchoolOfLongNames(t *testing.T, language string) *school {
	t.Helper()
	s := openSchool(t)

	for _, list := range [][]object{s.people, s.courses, s.bookings, s.lessons, s.messages} {
		renames(list)
	}

	s.courses[0]["available_days"] = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

	for _, person := range s.people {
		person["language"] = language
	}

	return s
}

// In the narrowest window, with the longest names, in both languages and for each role: everything can be read.
func TestLayout_Small(t *testing.T) {
	for _, language := range []string{"en-GB", "id-ID"} {
		t.Run(language, func(t *testing.T) {
			everyPage(t, openSchoolOfLongNames(t, language[:2]), small.in(language), func(p *tab, path string) {
				p.visit(path).settles()
				p.picture("small-" + language + "-" + nameOf(path))
				p.fits(path)
			})
		})
	}
}

// At twice the size of letters everything is still there, and nothing is cut off.
func TestLayout_TwiceTheSize(t *testing.T) {
	for _, language := range []string{"en-GB", "id-ID"} {
		t.Run(language, func(t *testing.T) {
			l := look{width: 640, height: 900, language: language}
			everyPage(t, openSchoolOfLongNames(t, language[:2]), l, func(p *tab, path string) {
				p.visit(path).settles()
				eval[bool](p, "(document.documentElement.style.fontSize = '200%', true)")
				p.picture("twice-" + language + "-" + nameOf(path))
				p.fits(path)
			})
		})
	}
}

// What comes up on a page when somebody uses it can be read in the narrowest window too.
func TestLayout_InUse(t *testing.T) {
	s := openSchoolOfLongNames(t, "en")

	// Visitors and students are far away, so that both times have to fit.
	far := small
	far.timeZone = "America/Argentina/Buenos_Aires"
	people, outer := guests{}, t

	for _, one := range []struct {
		name, email, path string
		use               func(p *tab)
	}{
		{"two times", studentEmail, "/courses/piano-pemula", func(p *tab) { p.pick(0); p.pick(3); p.sees("Second choice") }},
		{"bad fields", "", "/register", func(p *tab) { p.act("submit"); p.sees("This is not an e-mail address.") }},
		{"cancelling", studentEmail, "/bookings", func(p *tab) { p.click("Withdraw the request"); p.sees("Yes, cancel") }},
		{"calendar address", studentEmail, "/bookings", func(p *tab) {
			p.click("Make an address")
			p.act("submit")
			p.sees("/api/calendar/")
		}},
		{"leaving", studentEmail, "/profile", func(p *tab) { p.click("Delete my account"); p.sees("Present password") }},
		{"charts as a table", adminEmail, "/admin", func(p *tab) { p.click("As a table") }},
		{"rejecting", adminEmail, "/admin", func(p *tab) { p.key("j"); p.key("r"); p.sees("Reason") }},
		{"a lesson", adminEmail, "/admin/calendar", func(p *tab) { p.act("lesson", 0); p.sees("Student") }},
		{"inviting", adminEmail, "/admin/people", func(p *tab) { p.click("Invite somebody"); p.sees("The person gets a mail with a link") }},
		{"suspending", adminEmail, "/admin/people/" + s.people[0]["id"].(string), func(p *tab) { p.click("Suspend") }},
		{"a conversation", adminEmail, "/admin/chat", func(p *tab) { p.click("Raden Ajeng"); p.sees("biola di hari Senin") }},
		{"confirmed", adminEmail, "/admin", func(p *tab) { p.key("j"); p.key("1"); p.sees("Take back") }},
	} {
		t.Run(one.name, func(t *testing.T) {
			where := far
			if one.email == adminEmail {
				where = small
			}

			p := people.tab(outer, s, one.email, where).with(t)
			p.visit(one.path).settles()
			one.use(p)
			p.picture("small-use-" + strings.ReplaceAll(one.name, " ", "-"))
			p.fits(one.name)
			p.Expect(p.axe()).To(BeEmpty(), "barriers")
		})
	}
}
