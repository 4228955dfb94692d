package platform_test

import (
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// first waits for the recommendation that is made by itself.
func first(p *client.Person) client.Recommendation {
	GinkgoHelper()
	Eventually(func() client.Answer { return p.Get("/api/recommendations/latest") }).
		WithTimeout(recovery).WithPolling(50 * time.Millisecond).Should(succeed(200))

	return read[client.Recommendation](p.Get("/api/recommendations/latest"), 200)
}

var _ = Describe("Recommendations", func() {
	It("makes one by itself after registration, and more on request", func() {
		p := student()
		welcome := first(p)
		Expect(welcome.UserID).To(Equal(p.Session.User.ID))
		Expect(welcome.Items).To(And(Not(BeEmpty()), HaveEach(HaveField("Reasons", Not(BeEmpty())))))

		best := welcome.Items[0].Course
		more := read[client.Recommendation](p.Post("/api/recommendations/generate", map[string]any{
			"preferred_instruments": []string{best.Instrument}, "experience_level": best.Level, "budget_range": best.PriceCategory,
			"available_days": best.AvailableDays, "learning_goal": nil,
		}), 200)
		Expect(more.Items[0]).To(And(HaveField("Score", 100.0), HaveField("Confidence", 1.0), HaveField("Reasons", HaveLen(4))))
		Expect(p.Post("/api/recommendations/generate", nil)).To(succeed(200))

		history := read[client.Page[client.Recommendation]](p.Get("/api/recommendations"), 200)
		Expect(history.Items).To(HaveLen(3))
		Expect(history.Items[1:]).To(Equal([]client.Recommendation{more, welcome}), "newest first, and as they were")
		Expect(student().Get("/api/recommendations?cursor=" + uuid.NewString())).To(beRefused(400, "VALIDATION_FAILED"))
	})

	It("tells the reasons in the reader's language", func() {
		p := student()
		english := first(p)
		indonesian := read[client.Recommendation](p.Get("/api/recommendations/latest", client.Header("Accept-Language", "id")), 200)
		Expect(indonesian.ID).To(Equal(english.ID))
		Expect(indonesian.Items[0].Reasons).NotTo(Equal(english.Items[0].Reasons))
	})

	It("makes up for what it could not do while a part was away", Serial, func() {
		for _, part := range []string{"course", "recommendation"} {
			Expect(platform.Stop(part)).To(Succeed())

			DeferCleanup(func() { _ = platform.Start(part) })

			p := student()
			Expect(p.Post("/api/recommendations/generate", nil)).To(beUnavailable(), part)
			Expect(platform.Start(part)).To(Succeed())

			first(p)
			Expect(read[client.Page[client.Recommendation]](p.Get("/api/recommendations"), 200).Items).To(HaveLen(1), part)
		}
	})
})
