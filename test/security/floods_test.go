package security_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/people"
)

var limited = SatisfyAll(beRefused(429, "RATE_LIMITED"), WithTransform(retryAfter, MatchRegexp(`^[1-9]\d*$`)))

func retryAfter(a client.Answer) string { return a.Header.Get("Retry-After") }

// count counts the answers that a matcher matches.
func count(answers []client.Answer, matcher types.GomegaMatcher) int {
	GinkgoHelper()

	n := 0
	for _, a := range answers {
		ok, err := matcher.Match(a)
		Expect(err).NotTo(HaveOccurred())

		if ok {
			n++
		}
	}

	return n
}

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
})
