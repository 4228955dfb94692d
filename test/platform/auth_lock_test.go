package platform_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// network hands out addresses of one /24 that no other spec uses.
func network() func(host int) *client.Client {
	n := crowd.Number()

	return func(host int) *client.Client {
		return strangerAt(fmt.Sprintf("172.%d.%d.%d", 16+n/250, n%250, host))
	}
}

var (
	wrong  = beRefused(401, "AUTH_INVALID_CREDENTIALS")
	locked = beRefused(429, "AUTH_LOCKED")
)

var _ = Describe("The lock", acrossReplicas, func() {
	It("lets exactly ten of forty parallel guesses reach the password, from all of a /24 together", func() {
		p, at := student(), network()
		answers := together(40, func(i int) client.Answer { return at(i+1).Login(p.Email, "tebakan-salah-1") })
		Expect(count(answers, wrong)).To(Equal(10))
		Expect(count(answers, locked)).To(Equal(30))

		By("refusing the right password from there, with the time to wait")

		a := at(200).Login(p.Email, password)
		Expect(a).To(locked)
		Expect(a.Header.Get("Retry-After")).To(MatchRegexp(`^[1-9]\d{0,2}$`), "at most 900 seconds")

		By("leaving other networks and the open session alone")
		Expect(stranger().Login(p.Email, password)).To(succeed(200))
		Expect(p.Get("/api/users/me")).To(succeed(200))
		Expect(p.Refresh(p.Session.RefreshToken)).To(succeed(200))
	})

	It("locks unknown addresses alike", func() {
		email, at := freshEmail(), network()
		answers := together(14, func(i int) client.Answer { return at(i+1).Login(email, "tebakan-salah-1") })
		Expect(count(answers, wrong)).To(Equal(10))
		Expect(count(answers, locked)).To(Equal(4))
	})

	It("counts all addresses of an IPv6 /64 as one", func() {
		p, n := student(), crowd.Number()
		guess := func(i int) client.Answer {
			return strangerAt(fmt.Sprintf("2001:db8:0:%x::%x", n, i+1)).Login(p.Email, "tebakan-salah-1")
		}
		Expect(count(together(12, guess), locked)).To(Equal(2))
	})

	It("counts wrong current passwords too, and not right sign-ins", func() {
		p := student()
		Expect(together(15, func(int) client.Answer { return p.Login(p.Email, password) })).To(HaveEach(succeed(200)))

		for range 10 {
			Expect(p.ChangePassword("bukan-yang-ini-1", "kunci-Baru-99")).To(wrong)
		}

		Expect(p.ChangePassword(password, "kunci-Baru-99")).To(locked)
		Expect(p.Login(p.Email, password)).To(locked)
	})

	It("locks an address for all networks after a hundred guesses from everywhere, except where its owner signs in", func() {
		p := student()
		for range 10 {
			at := network()
			Expect(together(10, func(i int) client.Answer { return at(i+1).Login(p.Email, "tebakan-salah-1") })).To(HaveEach(wrong))
		}

		Expect(stranger().Login(p.Email, password)).To(locked)
		Expect(p.Login(p.Email, password)).To(succeed(200), "the owner has signed in from here before")
	})
})
