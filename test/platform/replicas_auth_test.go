package platform_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Two auth services behind two gateways", acrossReplicas, func() {
	BeforeEach(onlyWithTwo)

	It("count the guesses together: exactly ten of forty reach the password, and both gateways tell that it is locked", func() {
		p, at := student(), network()
		before := taking("auth", "/api/auth/login")
		answers := together(40, func(i int) client.Answer {
			return atBoth(at(i + 1))[i%2].Login(p.Email, "tebakan-salah-1")
		})
		Expect(count(answers, wrong)).To(Equal(10))
		Expect(count(answers, locked)).To(Equal(30))

		for _, c := range atBoth(at(200)) {
			Expect(c.Login(p.Email, password)).To(locked)
		}

		for _, c := range atBoth(p.Client) {
			Expect(c.Get("/api/users/me")).To(succeed(200), "the open session goes on")
		}

		shared(before, taking("auth", "/api/auth/login"))
	})

	It("let no guess more through when one of them dies in the middle", Serial, func() {
		p, at := student(), network()
		reached := 0
		guess := func(wave int) []client.Answer {
			return together(4, func(i int) client.Answer { return atBoth(at(4*wave + i + 1))[i%2].Login(p.Email, "tebakan-salah-1") })
		}
		reached += count(guess(0), wrong)

		var dying []client.Answer
		atOnce(func() { dying = guess(1) }, func() { Expect(platform.Platform.Kill(context.Background(), "auth-2")).To(Succeed()) })

		reached += count(dying, wrong)
		wave := 2
		Eventually(func() int {
			answers := guess(wave)
			wave++
			reached += count(answers, wrong)

			return count(answers, locked)
		}).WithTimeout(recovery).Should(Equal(4), "locked in the end")
		Expect(reached).To(BeNumerically("<=", 10))

		ctx, cancel := context.WithTimeout(context.Background(), recovery)
		defer cancel()

		Expect(platform.AwaitReady(ctx, "auth")).To(Succeed())
		Eventually(func() client.Answer { return p.Get("/api/users/me") }).WithTimeout(recovery).Should(succeed(200))
	})

	It("exchange a refresh token once, however many ask at both gateways, and end the session when an old one comes back", func() {
		p := student()
		before := taking("auth", "/api/auth/refresh")
		both := atBoth(p.Client)
		token := p.Session.RefreshToken

		var session client.Session
		for range 3 {
			answers := together(16, func(i int) client.Answer { return both[i%2].Refresh(token) })
			session = read[client.Session](answers[0], 200)
			Expect(session.RefreshToken).NotTo(Equal(token))

			for _, a := range answers {
				Expect(read[client.Session](a, 200).RefreshToken).To(Equal(session.RefreshToken), "one child")
			}

			token = session.RefreshToken
		}

		shared(before, taking("auth", "/api/auth/refresh"))

		for _, c := range atBoth(p.With(session.AccessToken)) {
			Expect(c.Get("/api/users/me")).To(succeed(200))
		}

		Expect(together(4, func(i int) client.Answer { return both[i%2].Refresh(p.Session.RefreshToken) })).To(ContainElement(reused))
		Expect(both[1].Refresh(token)).To(Or(unknown, reused))

		refusedEverywhere(p.With(session.AccessToken))
	})

	It("give an address to one of those who register it at the same moment", func() {
		email := freshEmail()
		answers := together(10, func(i int) client.Answer {
			c := atBoth(stranger())[i%2]
			return c.Register([]string{email, strings.ToUpper(email)}[i%2], password, nil)
		})
		Expect(count(answers, succeed(201))).To(Equal(1))
		Expect(count(answers, beRefused(409, "AUTH_EMAIL_TAKEN"))).To(Equal(9))
	})

	DescribeTable("refuse a session within a second at both gateways, both of which know it well",
		func(end func(p *client.Person) client.Answer) {
			p := student()

			q := again(p) // whose session goes on, or ends, as the case says
			for range 3 {
				for _, c := range append(atBoth(p.Client), atBoth(q.Client)...) {
					Expect(c.Get("/api/users/me")).To(succeed(200))
				}
			}

			Expect(end(p).OK()).To(BeTrue())

			refusedEverywhere(p.Client)
		},
		Entry("after a logout", func(p *client.Person) client.Answer { return p.Logout(p.Session.RefreshToken) }),
		Entry("after a logout at the other gateway", func(p *client.Person) client.Answer {
			return elsewhere(p.Client).Logout(p.Session.RefreshToken)
		}),
		Entry("after a logout everywhere from another session", func(p *client.Person) client.Answer {
			return elsewhere(again(p).Client).Post("/api/auth/logout-all", nil)
		}),
		Entry("after a new password from another session", func(p *client.Person) client.Answer {
			return elsewhere(again(p).Client).ChangePassword(password, "kunci-Baru-99")
		}),
		Entry("after a suspension", func(p *client.Person) client.Answer {
			return admin().SetAccess(p.Session.User.ID, map[string]any{"status": "suspended"})
		}),
		Entry("after another role, given at the other gateway", func(p *client.Person) client.Answer {
			return elsewhere(admin().Client).SetAccess(p.Session.User.ID, map[string]any{"role": "teacher"})
		}),
	)
})

// refusedEverywhere expects an access token to be refused at both gateways, one second from now at the latest.
func refusedEverywhere(c *client.Client) {
	GinkgoHelper()
	atOnce(func() { refusedWithinASecond(c) }, func() { refusedWithinASecond(elsewhere(c)) })
}
