package notification_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

var types = []notification.Type{
	notification.BookingCreated, notification.BookingConfirmed, notification.BookingRejected,
	notification.BookingExpired, notification.BookingCancelled,
}

func slot(zone string) *notification.Slot {
	at := time.Date(2027, 7, 4, 17, 30, 0, 0, time.UTC)

	return &notification.Slot{
		ID:       uuid.New(),
		StartsAt: at,
		EndsAt:   at.Add(45 * time.Minute),
		TimeZone: zone,
	}
}

func write(g Gomega, t notification.Type, f *notification.Facts, language user.Language) notification.Notification {
	n, err := notification.New(t, f, &notification.Recipient{ID: uuid.New(), Language: language})
	g.Expect(err).NotTo(HaveOccurred())
	return n
}

func TestEveryTypeReadsWellInBothLanguages(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	deadline := time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)

	full := &notification.Facts{
		CourseTitle:   "Piano",
		StudentName:   "Siti",
		Reason:        "A concert.",
		ExpiresAt:     &deadline,
		FirstChoice:   slot("Asia/Jakarta"),
		SecondChoice:  slot("Asia/Makassar"),
		ConfirmedSlot: slot("Asia/Jakarta"),
	}
	for _, language := range []user.Language{user.English, user.Indonesian} {
		for _, kind := range types {
			for reason, facts := range map[string]*notification.Facts{"all is known": full, "nothing is known": {}} {
				n := write(g, kind, facts, language)
				g.Expect(n.Title).NotTo(BeEmpty())
				g.Expect(n.Title+n.Body).NotTo(ContainSubstring("<no value>"), reason)
				g.Expect(n.Title+n.Body).NotTo(MatchRegexp(`  |“”|: *$| \.|\n\n\n`), "%s, %s, %s", language, kind, reason)
				g.Expect(n.Body).To(MatchRegexp(`[.]$`), "%s %s ends as a sentence", language, kind)
			}
		}
	}
}

func TestTimesAreThoseOfThePlace(t *testing.T) {
	t.Parallel()

	cases := []struct {
		zone     string
		language user.Language
		want     string
	}{
		{"Asia/Jakarta", user.English, "on Monday, 5 July 2027, 00:30–01:15 WIB (Asia/Jakarta)."},
		{"Asia/Jakarta", user.Indonesian, "Waktunya Senin, 5 Juli 2027, 00.30–01.15 WIB (Asia/Jakarta)."},
		{"Europe/Berlin", user.English, "on Sunday, 4 July 2027, 19:30–20:15 CEST (Europe/Berlin)."},
		{"Mars/Olympus", user.English, "on Sunday, 4 July 2027, 17:30–18:15 UTC."},
	}
	for _, c := range cases {
		g := NewWithT(t)
		n := write(g, notification.BookingConfirmed, &notification.Facts{ConfirmedSlot: slot(c.zone)}, c.language)
		g.Expect(n.Body).To(ContainSubstring(c.want))
	}
}

func TestATitleIsOneLineWhateverTheCourseIsCalled(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	facts := &notification.Facts{CourseTitle: "Piano\r\nBcc: everybody@example.com\x00\u2028"}
	n := write(g, notification.BookingConfirmed, facts, user.English)
	g.Expect(n.Title).To(Equal("Your lesson is confirmed: Piano Bcc: everybody@example.com"))

	letter := notification.Letter{Notification: n}
	letter.Title = "a\r\nb"
	g.Expect(letter.Mail().Subject).To(Equal("a b"))
}

func TestMailIsPlainTextInTheLeastHTML(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	facts := &notification.Facts{CourseTitle: "Piano & <b>Forte</b>", Reason: "First line.\nSecond <script>line</script>."}
	n := write(g, notification.BookingRejected, facts, user.English)
	letter := notification.Letter{Notification: n, To: notification.Recipient{
		Email:    "siti@example.com",
		FullName: "Siti <3",
		Language: user.English,
	}}
	m := letter.Mail()
	g.Expect(m.To).To(Equal("siti@example.com"))
	g.Expect(m.Subject).To(Equal("Your booking was declined: Piano & <b>Forte</b>"), "a subject is no HTML")
	g.Expect(m.HTML).To(HavePrefix(`<!doctype html><html lang="en">`))
	g.Expect(m.HTML).To(ContainSubstring("<p>Hello Siti &lt;3,</p>"))
	g.Expect(m.HTML).To(ContainSubstring("“Piano &amp; &lt;b&gt;Forte&lt;/b&gt;”"))
	g.Expect(m.HTML).To(ContainSubstring("First line.<br>\nSecond &lt;script&gt;line&lt;/script&gt;."))
	g.Expect(strings.Count(m.HTML, "<p>")).To(Equal(4), "hello, what happened, what to do next, who writes")

	letter.To.Language = user.Indonesian
	g.Expect(letter.Mail().HTML).To(ContainSubstring("<p>Halo Siti"))
}

func TestAnUnknownTypeIsAnError(t *testing.T) {
	t.Parallel()

	_, err := notification.New("booking.lost", &notification.Facts{}, &notification.Recipient{Language: user.English})
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("no text")))
}
