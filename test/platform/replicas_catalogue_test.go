package platform_test

import (
	"context"
	"regexp"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Two course services behind two gateways", acrossReplicas, func() {
	BeforeEach(onlyWithTwo)

	It("show a booking at once where it was made and within a second elsewhere, and never show what was before again", func() {
		p, l := student(), course(6)
		both, here := atBoth(stranger()), atBoth(p.Client)

		defer eager(l.ID)()
		defer eager(l.ID, both[1].Base)()

		for round := range 2 {
			maker, other := round%2, (round+1)%2
			first, second := l.pair(0, 1)
			b := read[client.Booking](here[maker].Book(l.ID, first, second), 201)
			Expect(client.Available(both[maker], l.ID)).To(HaveLen(4), "the answer and the list agree at once")

			within(both[other], l.ID, 4)
			stays(both, l.ID, 4)
			Expect(here[other].Cancel(b.ID)).To(succeed(200))
			Expect(client.Available(both[other], l.ID)).To(HaveLen(6))

			within(both[maker], l.ID, 6)
			stays(both, l.ID, 6)
		}
	})

	It("show a change of the catalogue at both gateways, the second one within a second of the first", func() {
		l, both := course(3), atBoth(stranger())
		defer eager(l.ID)()
		defer eager(l.ID, both[1].Base)()

		ctx := context.Background()

		more := catalogue.Schedule("x", l.Name, l.Slots[2].EndsAt, 4).Spec.Slots
		for step := range 2 {
			Expect(catalogue.Edit(ctx, platform.Catalogue, l.Name, &v1alpha1.Schedule{}, func(s *v1alpha1.Schedule) {
				s.Spec.Slots = append(s.Spec.Slots, more[step])
			})).To(Succeed())

			want := 4 + step
			Eventually(func(g Gomega) {
				a, err := client.Available(both[0], l.ID)
				g.Expect(err).NotTo(HaveOccurred())

				b, err := client.Available(both[1], l.ID)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(max(len(a), len(b))).To(Equal(want))
			}).WithTimeout(2 * time.Second).WithPolling(20 * time.Millisecond).Should(Succeed())

			atOnce(func() { within(both[0], l.ID, want) }, func() { within(both[1], l.ID, want) })
			stays(both, l.ID, want)
		}

		hidden := false
		Expect(catalogue.Edit(ctx, platform.Catalogue, l.Name, &v1alpha1.Course{},
			func(c *v1alpha1.Course) { c.Spec.Published = &hidden })).To(Succeed())

		for _, c := range both {
			Eventually(func() client.Answer { return c.Get("/api/courses/" + l.Name) }).WithTimeout(2 * time.Second).
				WithPolling(20 * time.Millisecond).Should(beRefused(404, "COURSE_NOT_FOUND"))
		}
	})

	It("show an unannounced change within a second at both", func() {
		l, both := course(2), atBoth(stranger())
		defer eager(l.ID)()
		defer eager(l.ID, both[1].Base)()

		for _, change := range []struct {
			sql  string
			left int
		}{
			{`UPDATE course.schedules SET status = 'reserved', booking_id = '00000000-0000-7000-8000-000000000000' WHERE id = $1`, 1},
			{`UPDATE course.schedules SET status = 'available', booking_id = NULL WHERE id = $1`, 2},
		} {
			_, err := platform.DB.Exec(context.Background(), change.sql, l.Slots[0].ID)
			Expect(err).NotTo(HaveOccurred())

			atOnce(func() { within(both[0], l.ID, change.left) }, func() { within(both[1], l.ID, change.left) })
		}
	})
})

var _ = Describe("Two operators", Serial, SpecPriority(-1), acrossReplicas, func() {
	BeforeEach(onlyWithTwo)

	It("go on applying when the one that leads is killed", func() {
		leader := leading()
		Expect(leader).NotTo(BeEmpty())
		Expect(platform.Kill(leader)).To(Succeed())

		name := platform.Catalogue.Name("penerus")
		Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name),
			catalogue.Schedule(name, name, catalogue.Start(), 2))).To(Succeed())
		Eventually(func() client.Answer { return stranger().Get("/api/courses/" + name) }).
			WithTimeout(recovery).WithPolling(100 * time.Millisecond).Should(succeed(200))

		visible(name, 2)
	})

	It("hand over at once when the one that leads is stopped", func() {
		leader := leading()
		Expect(leader).NotTo(BeEmpty())
		Expect(platform.Platform.Stop(leader)).To(Succeed())

		DeferCleanup(platform.Start, leader)
		Eventually(leading).WithTimeout(5 * time.Second).ShouldNot(Or(BeEmpty(), Equal(leader)))
		Expect(course(2).Slots).To(HaveLen(2))
	})
})

// leading names the operator that works; it is empty while none does.
func leading() string {
	for _, replica := range platform.Replicas("operator") {
		if leads.MatchString(metricsOf(replica)) {
			return replica
		}
	}

	return ""
}

var leads = regexp.MustCompile(`(?m)^leader_election_master_status\{[^}]*\} 1$`)

// within waits for a number of free slots for a second at most.
func within(c *client.Client, course string, count int) {
	GinkgoHelper()
	Eventually(func() ([]client.Slot, error) { return client.Available(c, course) }).
		WithTimeout(time.Second).WithPolling(20 * time.Millisecond).Should(HaveLen(count))
}

// stays expects that number at all gateways for a while: an older answer that a caller still had must not come back.
func stays(gateways []*client.Client, course string, count int) {
	GinkgoHelper()
	Consistently(func(g Gomega) {
		for _, c := range gateways {
			slots, err := client.Available(c, course)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(slots).To(HaveLen(count))
		}
	}).WithTimeout(time.Second).WithPolling(20 * time.Millisecond).Should(Succeed())
}
