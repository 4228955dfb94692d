package platform_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// meanwhile is what has to age while other specs run: it is prepared before the first of them and looked at after most.
var meanwhile struct {
	// overdue are pending bookings whose deadline has passed, of these students and for these lessons, two slots each.
	overdue []string
	late    []*client.Person
	lessons lessons
	// moving is a confirmed lesson of these people whose overdue move no admin decides about.
	moving struct {
		student, teacher *client.Person
		lessons          lessons
		old, next        client.Booking
	}
	// rotated is a student whose session has exchanged its refresh token for child.
	rotated *client.Person
	newest  client.Session
}

func prepareMeanwhile() {
	GinkgoHelper()

	m := &meanwhile

	m.late, m.lessons = students(4), course(8)
	for i, p := range m.late {
		m.overdue = append(m.overdue, booked(p, m.lessons, 2*i, 2*i+1).ID)
	}

	_, err := platform.DB.Exec(context.Background(), `UPDATE booking.bookings
		SET created_at = now() - interval '72 hours 1 second', expires_at = now() - interval '1 second' WHERE id = ANY ($1)`, m.overdue)
	Expect(err).NotTo(HaveOccurred())

	prepareMove()

	m.rotated = student()
	child := read[client.Session](m.rotated.Refresh(m.rotated.Session.RefreshToken), 200)
	m.newest = read[client.Session](m.rotated.Refresh(child.RefreshToken), 200)
}

func prepareMove() {
	GinkgoHelper()

	m := &meanwhile.moving

	m.student, m.teacher = student(), withRole("teacher")
	m.lessons = taughtBy(m.teacher, 4)
	m.old = confirmed(m.student, m.lessons, 0, 1)
	m.next = read[client.Booking](move(m.student, m.old, m.lessons, 2, 3), 201)
	overdue(m.next)
}

// refuseLate expects every decision about the overdue bookings to be refused.
func refuseLate() {
	GinkgoHelper()

	m, expired := &meanwhile, beRefused(409, "BOOKING_EXPIRED")
	Expect(admin().Confirm(m.overdue[0], m.lessons.Slots[0].ID)).To(expired)
	Expect(admin().Reject(m.overdue[1], "")).To(expired)
	Expect(m.late[2].Cancel(m.overdue[2])).To(expired)
}

var _ = Describe("The deadline", SpecPriority(1), func() {
	It("refuses decisions whether or not the sweep has run", refuseLate)
})

var _ = Describe("The sweep", Label("slow"), SpecPriority(-2), acrossReplicas, func() {
	It("frees the slots of overdue bookings, and says so", func() {
		m := &meanwhile
		Eventually(func() []string { return statuses(m.lessons.slotIDs()...) }).WithTimeout(65 * time.Second).
			Should(HaveEach("available"))

		refuseLate()

		for i, id := range m.overdue {
			b := read[client.Booking](m.late[i].Booking(id), 200)
			Expect([]any{b.Status, *b.StatusReason}).To(Equal([]any{"rejected", "expired"}))
			Eventually(func() []string { return decisions(id) }).Should(ConsistOf("booking.expired"))
		}

		Expect(booked(m.late[3], m.lessons, 0, 1).Status).To(Equal("pending"), "the student can go on")
	})

	It("leaves the lesson that an overdue booking was to replace", func() {
		m := &meanwhile.moving
		Eventually(func() string { return state(m.student, m.next.ID) }).WithTimeout(65 * time.Second).Should(Equal("rejected expired"))
		stands(m.student, m.teacher, m.lessons, m.old, m.next)
	})
})

var _ = Describe("The grace for a refresh token", Label("slow"), SpecPriority(-2), func() {
	It("ends after ten seconds if the child has been used: then the parent ends the session", func() {
		m := &meanwhile
		// Before that time has passed, each try gives the same child again.
		Eventually(func() client.Answer { return m.rotated.Refresh(m.rotated.Session.RefreshToken) }).
			WithTimeout(15 * time.Second).WithPolling(time.Second).Should(reused)
		Expect(m.rotated.Refresh(m.newest.RefreshToken)).To(Or(unknown, reused))

		refusedWithinASecond(m.rotated.With(m.newest.AccessToken))
	})
})
