package platform_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Rate limits", func() {
	limited := beRefused(429, "RATE_LIMITED")

	It("let one address sign in twenty times a second, and tell it when to come back", func() {
		c, other := stranger(), stranger()
		// Nothing is checked for these but the body, so they all fall into one second.
		answers := together(60, func(int) client.Answer { return c.Post("/api/auth/login", map[string]any{}) })
		passed := count(answers, beRefused(400, "VALIDATION_FAILED"))
		Expect(passed).To(And(BeNumerically(">=", 20), BeNumerically("<=", 45)))
		Expect(count(answers, limited)).To(Equal(60 - passed))

		for _, a := range answers {
			if a.Status == 429 {
				Expect(a.Header.Get("Retry-After")).To(MatchRegexp(`^[1-9]\d*$`))
			}
		}

		Expect(other.Post("/api/auth/login", map[string]any{})).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(c.Get("/api/courses")).To(succeed(200), "other requests have a limit of their own")
		Eventually(func() client.Answer { return c.Post("/api/auth/login", map[string]any{}) }).
			Should(beRefused(400, "VALIDATION_FAILED"))
	})

	It("let one address send two hundred other requests a second", func() {
		c := stranger()
		answers := together(600, func(int) client.Answer { return c.Get("/api/courses") })
		Expect(count(answers, succeed(200))).To(And(BeNumerically(">=", 200), BeNumerically("<", 600)))
		Expect(count(answers, succeed(200)) + count(answers, limited)).To(Equal(600))
	})

	It("don't believe an address that a stranger makes up", func() {
		c, behind := stranger(), "10.255.255.7" // the proxy adds the address that it sees at the end
		answers := together(60, func(i int) client.Answer {
			return c.Post("/api/auth/login", map[string]any{}, client.Header("X-Forwarded-For", fmt.Sprintf("6.6.6.%d, %s", i, behind)))
		})
		Expect(count(answers, limited)).To(BeNumerically(">", 0))
	})
})
