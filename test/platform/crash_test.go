package platform_test

import (
	"context"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Crashes in the saga", Serial, SpecPriority(-1), acrossReplicas, func() {
	DescribeTable("the booking service dies while a booking is made", func(point string) {
		p, l, k := student(), course(4), key()
		first, second := l.pair(0, 1)
		crash(point, func() client.Answer { return p.Book(l.ID, first, second, k) })

		By("answering the repeated request with the booking, once and for all")

		var a client.Answer
		Eventually(func() client.Answer {
			a = p.Book(l.ID, first, second, k)
			return a
		}).WithTimeout(20 * time.Second).WithPolling(100 * time.Millisecond).Should(succeed(201))

		b := read[client.Booking](a, 201)
		Expect(p.Book(l.ID, first, second, k).Body).To(MatchJSON(a.Body))
		Expect(b.Status).To(Equal("pending"))
		Expect(statuses(first, second)).To(HaveEach("reserved"))

		theEvent("booking.created", b.ID)
		Expect(p.Book(l.ID, l.Slots[2].ID, l.Slots[3].ID)).To(beRefused(409, "BOOKING_ALREADY_PENDING"))
		Expect(p.Cancel(b.ID)).To(succeed(200))
	},
		Entry(nil, "booking.held"), Entry(nil, "booking.reserved"), Entry(nil, "booking.pending"),
	)

	It("finishes or undoes what no client asks for again, and lets all people go on", func() {
		judge := admin()
		decided, k := student(), course(8)
		b := booked(decided, k, 6, 7)
		crash("booking.decided", func() client.Answer { return judge.Confirm(b.ID, b.FirstChoiceSlotID) })

		points := []string{"booking.held", "booking.reserved", "booking.pending"}

		people := students(len(points))
		for i, point := range points {
			crash(point, func() client.Answer { return people[i].Book(k.ID, k.Slots[2*i].ID, k.Slots[2*i+1].ID) })
		}

		By("keeping the decision")
		Eventually(func() []string { return statuses(k.pairIDs(6, 7)...) }).WithTimeout(30 * time.Second).
			Should(Equal([]string{"booked", "available"}))
		Eventually(func() client.Answer { return decided.Booking(b.ID) }).WithTimeout(20 * time.Second).Should(succeed(200))
		Expect(read[client.Booking](decided.Booking(b.ID), 200).Status).To(Equal("confirmed"))
		Expect(judge.Confirm(b.ID, b.FirstChoiceSlotID)).To(beRefused(409, "BOOKING_NOT_PENDING"))
		Eventually(func() []string { return decisions(b.ID) }).WithTimeout(20 * time.Second).Should(ConsistOf("booking.confirmed"))

		By("letting the students go on")
		Eventually(broken).WithTimeout(30 * time.Second).Should(BeEmpty())

		for i, p := range people {
			mine := read[client.Page[client.Booking]](p.Get("/api/bookings"), 200).Items
			if len(mine) == 0 {
				mine = append(mine, booked(p, k, 2*i, 2*i+1))
			}

			Expect(mine).To(ConsistOf(HaveField("Status", "pending")))
			Expect(statuses(k.pairIDs(2*i, 2*i+1)...)).To(HaveEach("reserved"))
		}
	})

	It("lets decisions stand while the course service is down, and the slots follow", func() {
		people, l, judge := students(3), course(6), admin()

		var bookings []client.Booking
		for i, p := range people {
			bookings = append(bookings, booked(p, l, 2*i, 2*i+1))
		}

		Expect(platform.Stop("course")).To(Succeed())
		DeferCleanup(func() { Expect(platform.Start("course")).To(Succeed()) })

		answers := []client.Answer{
			judge.Confirm(bookings[0].ID, l.Slots[0].ID), judge.Reject(bookings[1].ID, "penuh"), people[2].Cancel(bookings[2].ID),
		}
		for _, a := range answers {
			Expect(a).To(succeed(200))
			Expect(a.Took).To(BeNumerically("<", 5*time.Second))
		}

		Expect(people[1].Book(l.ID, l.Slots[0].ID, l.Slots[1].ID)).To(beUnavailable())

		waiting := read[client.Page[client.PendingBooking]](judge.Get("/api/bookings/pending"), 200)
		Expect(waiting.Items).To(HaveEach(HaveField("Course", Not(BeNil()))), "as it was when the slots were held")
		Expect(platform.Start("course")).To(Succeed())
		Eventually(func() []string { return statuses(l.slotIDs()...) }).WithTimeout(20 * time.Second).WithPolling(50 * time.Millisecond).
			Should(Equal([]string{"booked", "available", "available", "available", "available", "available"}))
	})
})

// crash sends a request in which the booking service dies at the given point, and waits until it is back. Right after
// an earlier crash its sidecar may refuse to call it for a moment; then the request is sent again.
func crash(point string, send func() client.Answer) {
	GinkgoHelper()

	before := processes("booking")

	Expect(platform.Fault(point)).To(Succeed())
	Eventually(func() bool {
		Expect(send()).To(beUnavailable())

		return platform.FaultHit()
	}).WithTimeout(recovery).WithPolling(100*time.Millisecond).Should(BeTrue(), "the process dies at "+point)

	replaced("booking", before)
}

// processes are the ids of the processes of all replicas of a service.
func processes(service string) (ids []int) {
	replicas := platform.Replicas(service)
	for _, program := range platform.Status() {
		if slices.Contains(replicas, program.Name) {
			ids = append(ids, program.PID)
		}
	}

	return ids
}

// replaced waits until one of the processes has died and another one is ready in its place.
func replaced(service string, before []int) {
	GinkgoHelper()
	Eventually(func() []int { return processes(service) }).WithTimeout(recovery).ShouldNot(Equal(before))

	ctx, cancel := context.WithTimeout(context.Background(), recovery)
	defer cancel()

	Expect(platform.AwaitReady(ctx, service)).To(Succeed())
}

func (l lessons) slotIDs() []string {
	ids := make([]string, len(l.Slots))
	for i, slot := range l.Slots {
		ids[i] = slot.ID
	}

	return ids
}
