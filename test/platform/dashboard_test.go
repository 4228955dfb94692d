package platform_test

import (
	"encoding/json"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
)

// board reads the dashboard; nothing that is down may keep it from coming.
func board(p *client.Person) client.Dashboard {
	GinkgoHelper()

	a := p.Get("/api/admin/dashboard")
	Expect(a.Header.Get("Cache-Control")).To(Equal("no-store"), a.String())
	Expect(a.Took).To(BeNumerically("<", 4*time.Second))

	d := read[client.Dashboard](a, 200)
	Expect(d.Degraded).NotTo(BeNil(), "a list, not null")
	Expect(slices.IsSorted(d.Degraded)).To(BeTrue(), a.String())

	return d
}

func degraded(p *client.Person) func() []string {
	return func() []string { return board(p).Degraded }
}

// gaps lists the parts of a dashboard that are missing.
func gaps(d client.Dashboard) (missing []string) {
	for name, there := range map[string]bool{
		"pendingBookings": d.PendingBookings != nil, "activeSessions": d.ActiveSessions != nil,
		"total_students": d.Stats.TotalStudents != nil, "pending_bookings": d.Stats.PendingBookings != nil,
		"active_chats": d.Stats.ActiveChats != nil, "courses_available": d.Stats.CoursesAvailable != nil,
	} {
		if !there {
			missing = append(missing, name)
		}
	}

	return missing
}

func counted(p *client.Person, path string) *int {
	GinkgoHelper()
	return new(read[client.Count](p.Get(path), 200).Count)
}

// takeAway stops a part until the end of the spec at the latest.
func takeAway(part string) {
	GinkgoHelper()
	Expect(platform.Stop(part)).To(Succeed())
	DeferCleanup(platform.Start, part)
}

var _ = Describe("The dashboard", func() {
	It("shows what waits, who is chatting and how large the school is, as the lists and statistics have it", func() {
		h := newHousehold()
		before := board(h.admin)
		booked(student(), h.lessons, 2, 3)
		chatting := enter(h.student)
		chatting.tell("halo")

		a := h.admin.Get("/api/admin/dashboard")
		d := read[client.Dashboard](a, 200)
		Expect(d.Degraded).To(BeEmpty())
		Expect(gaps(d)).To(BeEmpty())
		Expect(*d.Stats.PendingBookings).To(Equal(*before.Stats.PendingBookings + 1))
		Expect(*d.Stats.TotalStudents).To(Equal(*before.Stats.TotalStudents + 1))
		Expect(*d.Stats.ActiveChats).To(Equal(*before.Stats.ActiveChats + 1))
		Expect(d.Stats.PendingBookings).To(Equal(counted(h.admin, "/api/bookings/stats")))
		Expect(d.Stats.TotalStudents).To(Equal(counted(h.admin, "/api/users/stats")))
		Expect(d.Stats.CoursesAvailable).To(Equal(counted(h.admin, "/api/courses/stats")))
		Expect(d.Stats.ActiveChats).To(Equal(counted(h.admin, "/api/chat/stats")))
		Expect(d.ActiveSessions[0]).To(And(HaveField("ID", chatting.session), HaveField("Unread", 1),
			HaveField("User.Email", h.student.Email)))

		type raw map[string]json.RawMessage

		page := func(path string) json.RawMessage { return read[raw](h.admin.Get(path+"?limit=100"), 200)["items"] }
		Expect(read[raw](a, 200)["pendingBookings"]).To(MatchJSON(page("/api/bookings/pending")), "the items are the booking service's")
		Expect(read[raw](a, 200)["activeSessions"]).To(MatchJSON(page("/api/chat/active-sessions")), "the items are the chat service's")
	})

	Describe("without a service", Serial, SpecPriority(-3), func() {
		DescribeTable("comes with what the others give, and is whole again afterwards", func(part, app string, missing ...any) {
			h := newHousehold()
			enter(h.student)
			Expect(degraded(h.admin)()).To(BeEmpty())

			takeAway(part)
			Eventually(degraded(h.admin)).WithTimeout(10 * time.Second).Should(Equal([]string{app}))

			d := board(h.admin)
			Expect(gaps(d)).To(ConsistOf(missing...))

			switch part {
			case "user":
				Expect(d.PendingBookings).To(ContainElement(And(HaveField("User", BeNil()), HaveField("Course", Not(BeNil())))))
				Expect(d.ActiveSessions).To(And(Not(BeEmpty()), HaveEach(HaveField("User", BeNil()))))
			case "course":
				Expect(d.PendingBookings).To(ContainElement(And(HaveField("Course", Not(BeNil())), HaveField("User", Not(BeNil())))),
					"what was held is shown as it was then")
			}

			Expect(platform.Start(part)).To(Succeed())
			Eventually(degraded(h.admin)).WithTimeout(recovery).Should(BeEmpty())
			Expect(gaps(board(h.admin))).To(BeEmpty())
		},
			Entry("users", "user", apps.User, "total_students"),
			Entry("courses", "course", apps.Course, "courses_available"),
			Entry("bookings", "booking", apps.Booking, "pendingBookings", "pending_bookings"),
			Entry("chats", "chat", apps.Chat, "activeSessions", "active_chats"),
			Entry("the sidecar of the chat", "chat-dapr", apps.Chat, "activeSessions", "active_chats"),
		)

		It("comes even when no service answers", func() {
			h := newHousehold()

			for _, part := range []string{"user", "course", "booking-dapr", "chat"} {
				takeAway(part)
			}

			Eventually(degraded(h.admin)).WithTimeout(10 * time.Second).
				Should(Equal([]string{apps.Booking, apps.Chat, apps.Course, apps.User}))
			Expect(gaps(board(h.admin))).To(HaveLen(6))

			for _, part := range []string{"user", "course", "booking-dapr", "chat"} {
				Expect(platform.Start(part)).To(Succeed())
			}

			Eventually(degraded(h.admin)).WithTimeout(recovery).Should(BeEmpty())
		})

		It("waits for one that hangs no longer than for all of them, and blames no other service", func() {
			h := newHousehold()
			enter(h.student)
			Expect(platform.Pause("user")).To(Succeed())

			DeferCleanup(platform.Resume, "user")

			d := board(h.admin)
			Expect(d.Degraded).To(Equal([]string{apps.User}))
			Expect(d.PendingBookings).To(And(Not(BeEmpty()), HaveEach(HaveField("User", BeNil()))))
			Expect(d.PendingBookings).To(ContainElement(HaveField("Course", Not(BeNil()))))
			Expect(d.ActiveSessions).To(And(Not(BeEmpty()), HaveEach(HaveField("User", BeNil()))))
			Expect(platform.Resume("user")).To(Succeed())
			Eventually(degraded(h.admin)).WithTimeout(recovery).Should(BeEmpty())
		})
	})
})
