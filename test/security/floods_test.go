package security_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/people"
	"github.com/shema-music/shema/test/internal/socket"
)

var limited = SatisfyAll(beRefused(429, "RATE_LIMITED"), WithTransform(retryAfter, MatchRegexp(`^[1-9]\d*$`)))

func retryAfter(a client.Answer) string { return a.Header.Get("Retry-After") }

var _ = Describe("Floods", func() {
	It("of sign-ins from one address are bounded, and others notice nothing", func() {
		c, other := stranger(), stranger()
		// Nothing is checked for these but the body, so they all fall into one second.
		answers := people.Together(60, func(int) client.Answer { return c.Post("/api/auth/login", map[string]any{}) })
		passed := count(answers, beRefused(400, "VALIDATION_FAILED"))
		Expect(passed).To(And(BeNumerically(">=", 20), BeNumerically("<=", 45)))
		Expect(count(answers, limited)).To(Equal(60 - passed))

		Expect(other.Post("/api/auth/login", map[string]any{})).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(c.Get("/api/courses")).To(succeed(200), "other requests have a limit of their own")
		Eventually(func() client.Answer { return c.Post("/api/auth/login", map[string]any{}) }).
			Should(beRefused(400, "VALIDATION_FAILED"))
	})

	It("of other requests from one address are bounded", func() {
		c := stranger()
		answers := people.Together(600, func(int) client.Answer { return c.Get("/api/courses") })
		Expect(count(answers, succeed(200))).To(And(BeNumerically(">=", 200), BeNumerically("<", 600)))
		Expect(count(answers, succeed(200)) + count(answers, limited)).To(Equal(600))
	})

	It("are counted by the address that the proxy saw, not by one that a stranger makes up", func() {
		c, behind := stranger(), "10.255.255.7" // the proxy adds the address that it sees at the end
		answers := people.Together(60, func(i int) client.Answer {
			return c.Post("/api/auth/login", map[string]any{}, client.Header("X-Forwarded-For", fmt.Sprintf("6.6.6.%d, %s", i, behind)))
		})
		Expect(count(answers, limited)).To(BeNumerically(">", 0))
	})

	It("of one person's requests are bounded, from however many addresses they come", func() {
		p, other := student(), student()
		answers := people.Together(600, func(int) client.Answer { return stranger().With(p.Token).Get("/api/users/me") })
		Expect(count(answers, succeed(200))).To(BeNumerically(">=", 200))
		Expect(count(answers, limited)).To(BeNumerically(">", 0))
		Expect(count(answers, succeed(200)) + count(answers, limited)).To(Equal(600))
		Expect(other.Get("/api/users/me")).To(succeed(200))
		Eventually(func() client.Answer { return p.Get("/api/users/me") }).Should(succeed(200))
	})

	It("of bookings, made and cancelled, are bounded", func() {
		course, slots := slotsOf(4)
		p, other := student(), student()

		var last client.Answer
		for range 100 {
			last = stranger().With(p.Token).Book(course, slots[0].ID, slots[1].ID)
			if last.Status != 201 {
				break
			}

			Expect(stranger().With(p.Token).Cancel(read[client.Booking](last, 201).ID)).To(succeed(200))
		}

		Expect(last).To(limited)
		Expect(other.Book(course, slots[2].ID, slots[3].ID)).To(succeed(201))
	})

	It("of recommendations are bounded", func() {
		p, other := student(), student()
		answers := people.Together(60, func(int) client.Answer {
			return stranger().With(p.Token).Post("/api/recommendations/generate", nil)
		})
		Expect(count(answers, limited)).To(BeNumerically(">=", 30))
		Expect(answers).To(HaveEach(Or(succeed(200), limited)))
		Expect(other.Post("/api/recommendations/generate", nil)).To(succeed(200))
	})

	It("of tickets for the chat are bounded", func() {
		p, other := student(), student()
		answers := people.Together(120, func(int) client.Answer { return stranger().With(p.Token).Post("/api/chat/ticket", nil) })
		Expect(count(answers, limited)).To(BeNumerically(">", 0))
		Expect(answers).To(HaveEach(Or(succeed(200), limited)))
		Expect(other.Post("/api/chat/ticket", nil)).To(succeed(200))
	})

	It("of exports and of mails are bounded", func() {
		p := student()
		exports := people.Together(30, func(int) client.Answer { return stranger().With(p.Token).Get("/api/users/me/export") })
		Expect(count(exports, limited)).To(BeNumerically(">", 0))
		Expect(count(exports, succeed(200)) + count(exports, limited)).To(Equal(30))

		for range 8 {
			Expect(stranger().Post("/api/auth/password/forgot", map[string]any{"email": p.Email})).To(succeed(202), "which tells the caller nothing")
		}

		Consistently(func(g Gomega) {
			mails, err := client.Mails(platform.MailURL(), p.Email)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(mailsWith(mails, "/reset?")).To(BeNumerically("<=", 3))
		}).WithTimeout(3 * time.Second).WithPolling(200 * time.Millisecond).Should(Succeed())
	})

	It("of chat messages over eight sockets are bounded, and the others still hear each other", func() {
		p, friend := student(), student()

		var sockets []chatter
		for range 8 {
			sockets = append(sockets, enter(p))
		}

		long, sent := strings.Repeat("a", 4000), 0
		for i := range 1600 {
			if sockets[i%8].Send(socket.Say("", fmt.Sprint("m", i), long)) == nil {
				sent++
			}
		}

		Eventually(func() int { return acknowledged(p) }).Should(BeNumerically(">", 0))
		// A mebibyte at once, and 64 KiB a second while it lasted.
		Eventually(func() bool { return anyStopped(sockets) }).Should(BeTrue(), "%d messages went out", sent)

		c := enter(friend)
		Expect(c.Send(socket.Say("", "halo", "halo"))).To(Succeed())
		Expect(c.await("ack").Data.ClientMsgID).To(Equal("halo"))
		Expect(acknowledged(p)).To(BeNumerically("<", 1600))
	})
})

// acknowledged is how many messages of the person the tables know.
func acknowledged(p *client.Person) (n int) {
	GinkgoHelper()

	row := platform.DB.QueryRow(context.Background(), `SELECT count(*) FROM chat.chat_messages WHERE sender_id = $1`, p.Session.User.ID)
	Expect(row.Scan(&n)).To(Succeed())

	return n
}

// anyStopped tells whether one of the sockets was told that it is too much: by a frame, or by the close code 4029.
func anyStopped(sockets []chatter) bool {
	for _, c := range sockets {
		if code, _ := c.CloseCode(); code == 4029 {
			return true
		}

		for _, f := range c.Heard() {
			if f.Type == "error" && f.Data.Code == "RATE_LIMITED" {
				return true
			}
		}
	}

	return false
}

// mailsWith counts the mails that have a text in them.
func mailsWith(mails []client.Mail, text string) int {
	n := 0
	for _, mail := range mails {
		if strings.Contains(mail.Body, text) {
			n++
		}
	}

	return n
}
