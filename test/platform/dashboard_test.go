package platform_test

import (
	"encoding/json"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// board reads the dashboard; nothing that is down may keep it from coming.
func board(p *client.Person) client.Dashboard {
	GinkgoHelper()
	a := p.Get("/api/admin/dashboard")
	Expect(a.Header.Get("Cache-Control")).To(Equal("no-store"), a.String())
	Expect(a.Took).To(BeNumerically("<", 4*time.Second))
	d := read[client.Dashboard](a, 200)
	Expect(slices.IsSorted(d.Degraded)).To(BeTrue(), a.String())
	return d
}

func counted(p *client.Person, path string) *int {
	GinkgoHelper()
	return new(read[client.Count](p.Get(path), 200).Count)
}

var _ = Describe("The dashboard", func() {
	It("shows what waits and how large the school is, as the lists and statistics have it", func() {
		h := newHousehold()
		before := board(h.admin)
		booked(student(), h.lessons, 2, 3)
		a := h.admin.Get("/api/admin/dashboard")
		d := read[client.Dashboard](a, 200)
		Expect(*d.Stats.PendingBookings).To(Equal(*before.Stats.PendingBookings + 1))
		Expect(*d.Stats.TotalStudents).To(Equal(*before.Stats.TotalStudents + 1))
		Expect(d.Stats.PendingBookings).To(Equal(counted(h.admin, "/api/bookings/stats")))
		Expect(d.Stats.TotalStudents).To(Equal(counted(h.admin, "/api/users/stats")))
		Expect(d.Stats.CoursesAvailable).To(Equal(counted(h.admin, "/api/courses/stats")))

		type raw map[string]json.RawMessage
		page := read[raw](h.admin.Get("/api/bookings/pending?limit=100"), 200)
		Expect(read[raw](a, 200)["pendingBookings"]).To(MatchJSON(page["items"]), "the items are the booking service's")
	})

	It("says which numbers of chats are missing while nobody answers for them", func() {
		d := board(admin())
		missing := slices.Contains(d.Degraded, "chat-service")
		Expect(d.ActiveSessions == nil).To(Equal(missing))
		Expect(d.Stats.ActiveChats == nil).To(Equal(missing))
	})

	Describe("without a service", Serial, SpecPriority(-3), func() {
		It("comes with what the others give, and is whole again afterwards", func() {
			h := newHousehold()
			whole := board(h.admin).Degraded
			for _, part := range []string{"user", "course", "booking-dapr"} {
				Expect(platform.Stop(part)).To(Succeed())
				DeferCleanup(platform.Start, part)
			}
			Eventually(func() []string { return board(h.admin).Degraded }).WithTimeout(10 * time.Second).
				Should(ContainElements("booking-service", "course-service", "user-service"))
			d := board(h.admin)
			Expect(d.PendingBookings).To(BeNil())
			Expect([]*int{d.Stats.TotalStudents, d.Stats.PendingBookings, d.Stats.CoursesAvailable}).To(HaveEach(BeNil()))
			Expect(platform.Start("booking-dapr")).To(Succeed())
			Eventually(func() []client.PendingBooking { return board(h.admin).PendingBookings }).WithTimeout(recovery).
				Should(And(Not(BeEmpty()), HaveEach(And(HaveField("User", BeNil()), HaveField("Course", BeNil())))))
			for _, part := range []string{"user", "course"} {
				Expect(platform.Start(part)).To(Succeed())
			}
			Eventually(func() []string { return board(h.admin).Degraded }).WithTimeout(recovery).Should(Equal(whole))
		})

		It("waits for one that hangs no longer than for all of them, and blames nobody else", func() {
			h := newHousehold()
			whole := board(h.admin).Degraded
			Expect(platform.Pause("user")).To(Succeed())
			DeferCleanup(platform.Resume, "user")
			d := board(h.admin)
			Expect(d.Degraded).To(ConsistOf(append(slices.Clone(whole), "user-service")))
			Expect(d.PendingBookings).To(And(Not(BeEmpty()), HaveEach(HaveField("User", BeNil()))))
			Expect(d.PendingBookings).To(ContainElement(HaveField("Course", Not(BeNil()))))
			Expect(platform.Resume("user")).To(Succeed())
			Eventually(func() []string { return board(h.admin).Degraded }).WithTimeout(recovery).Should(Equal(whole))
		})
	})
})
