package letter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

const web = "https://shema.test"

func siti(language user.Language) notification.Recipient {
	return notification.Recipient{
		ID:       uuid.New(),
		Email:    "siti@example.com",
		FullName: "Siti <3",
		Language: language,
	}
}

// TestLetter_Mail_Kinds writes every letter about an account in both languages.
func TestLetter_Mail_Kinds(t *testing.T) {
	t.Parallel()

	for kind, path := range map[user.LetterKind]string{
		user.LetterEmailVerification: "/verify?token=t0ken",
		user.LetterEmailChange:       "/verify?token=t0ken",
		user.LetterPasswordReset:     "/reset?token=t0ken",
		user.LetterInvitation:        "/reset?token=t0ken",
		user.LetterChatReply:         "/chat",
		user.LetterEmailChanged:      "",
		user.LetterEmailTaken:        "",
	} {
		for _, language := range []user.Language{user.English, user.Indonesian} {
			g := NewWithT(t)
			l := letter.Letter{Kind: kind, To: siti(language), Token: "t0ken"}

			m, err := l.Mail(web)

			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(m.Subject).NotTo(BeEmpty())
			g.Expect(m.Text).NotTo(ContainSubstring("%"))
			g.Expect(m.Unsubscribe).To(BeEmpty(), "mails about accounts are sent in any case")

			if path == "" {
				g.Expect(m.Text).NotTo(ContainSubstring(web))

				continue
			}

			g.Expect(m.Text).To(ContainSubstring("\n" + web + path + "\n"))
			g.Expect(m.HTML).To(ContainSubstring(`href="` + web + path + `"`))
		}
	}
}

func TestLetter_Mail_UnknownKind(t *testing.T) {
	t.Parallel()

	l := letter.Letter{Kind: "love", To: siti(user.English)}
	_, err := l.Mail(web)

	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("no letter")))
}

func told(kind notification.Type) letter.Letter {
	booking := uuid.MustParse("0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11")
	at := time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)

	return letter.Letter{To: siti(user.English), StateVersion: 2, Notification: &notification.Notification{
		Type:      kind,
		CreatedAt: at.Add(-24 * time.Hour),
		Facts: notification.Facts{
			BookingID:     &booking,
			Course:        &notification.Course{Title: "Piano & <b>Forte</b>"},
			Reason:        "First line.\nSecond <script>line</script>.",
			ConfirmedSlot: &notification.Slot{StartsAt: at, EndsAt: at.Add(time.Hour), TimeZone: "Asia/Jakarta"},
		},
	}}
}

// TestLetter_Mail_SaysTheSameTwice compares both parts: what is written as text is harmless as HTML.
func TestLetter_Mail_SaysTheSameTwice(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	l := told(notification.BookingRejected)

	m, err := l.Mail(web)

	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(m.Subject).To(Equal("Your booking was declined: Piano & <b>Forte</b>"), "a subject is no HTML")
	g.Expect(m.Text).To(HavePrefix("Hello Siti <3,\n\n"))
	g.Expect(m.Text).To(HaveSuffix("\n\nShema Music\n"))
	g.Expect(m.HTML).To(HavePrefix(`<!doctype html><html lang="en">`))
	g.Expect(m.HTML).To(ContainSubstring("<p>Hello Siti &lt;3,</p>"))
	g.Expect(m.HTML).To(ContainSubstring("First line.<br>\nSecond &lt;script&gt;line&lt;/script&gt;."))
	g.Expect(strings.Count(m.HTML, "<p>")).To(Equal(4), "hello, what happened, what to do next, who writes")
	g.Expect(m.Unsubscribe).To(Equal(web + "/profile"))
	g.Expect(m.Calendar).To(BeEmpty())
}

func TestLetter_Mail_CarriesTheLesson(t *testing.T) {
	t.Parallel()

	for _, kind := range []notification.Type{notification.BookingConfirmed, notification.LessonConfirmed} {
		g := NewWithT(t)
		l := told(kind)

		m, err := l.Mail(web)

		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(m.Calendar).To(And(ContainSubstring("UID:0193b1f2-7c4e-7a10-9f00-5d2c8b7e4a11@shema.music"),
			ContainSubstring("DTSTART:20270104T090000Z"), ContainSubstring("SEQUENCE:0"), ContainSubstring("METHOD:PUBLISH")))
	}
}
