package platform_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Crashes in the saga", Serial, SpecPriority(-1), func() {
	DescribeTable("the booking service dies while a booking is made", func(point string) {
		p, l, k := student(), course(4), key()
		first, second := l.pair(0, 1)
		Expect(platform.Fault(point)).To(Succeed())
		a := p.Book(l.ID, first, second, k)
		Expect(a).To(beUnavailable())
		Expect(platform.FaultHit()).To(BeTrue(), "the process died at the point")

		By("answering the repeated request with the booking, once and for all")
		var b client.Booking
		Eventually(func() client.Answer {
			a = p.Book(l.ID, first, second, k)
			return a
		}).WithTimeout(20 * time.Second).WithPolling(100 * time.Millisecond).Should(succeed(201))
		b = read[client.Booking](a, 201)
		Expect(p.Book(l.ID, first, second, k).Body).To(MatchJSON(a.Body))
		Expect(b.Status).To(Equal("pending"))
		Expect(statuses(first, second)).To(HaveEach("reserved"))
		theEvent("booking.created", b.ID)
		Expect(p.Book(l.ID, l.Slots[2].ID, l.Slots[3].ID)).To(beRefused(409, "BOOKING_ALREADY_PENDING"))
		Expect(p.Cancel(b.ID)).To(succeed(200))
	},
		Entry(nil, "booking.held"), Entry(nil, "booking.reserved"), Entry(nil, "booking.pending"),
	)

	It("finishes or undoes what nobody asks for again, and lets the student go on", func() {
		for _, point := range []string{"booking.held", "booking.reserved", "booking.pending"} {
			By(point)
			p, l := student(), course(2)
			first, second := l.pair(0, 1)
			Expect(platform.Fault(point)).To(Succeed())
			Expect(p.Book(l.ID, first, second)).To(beUnavailable())
			Expect(platform.FaultHit()).To(BeTrue())
			Eventually(broken).WithTimeout(30 * time.Second).WithPolling(100 * time.Millisecond).Should(BeEmpty())
			mine := func() []client.Booking {
				page, err := client.Decode[client.Page[client.Booking]](p.Get("/api/bookings"), 200)
				if err != nil {
					return nil
				}
				return page.Items
			}
			Eventually(func(g Gomega) {
				if found := mine(); len(found) == 1 {
					g.Expect(found[0].Status).To(Equal("pending"))
					return
				}
				g.Expect(p.Book(l.ID, first, second)).To(succeed(201))
			}).WithTimeout(30 * time.Second).WithPolling(100 * time.Millisecond).Should(Succeed())
			Expect(statuses(first, second)).To(HaveEach("reserved"))
		}
	})

	It("keeps a decision that was made before the process died", func() {
		p, l := student(), course(2)
		b := booked(p, l, 0, 1)
		judge := admin()
		Expect(platform.Fault("booking.decided")).To(Succeed())
		Expect(judge.Confirm(b.ID, b.FirstChoiceSlotID)).To(beUnavailable())
		Expect(platform.FaultHit()).To(BeTrue())
		Eventually(func() []string { return statuses(l.pairIDs(0, 1)...) }).WithTimeout(30 * time.Second).
			WithPolling(50 * time.Millisecond).Should(Equal([]string{"booked", "available"}))
		Eventually(func() client.Answer { return p.Booking(b.ID) }).WithTimeout(20 * time.Second).Should(succeed(200))
		Expect(read[client.Booking](p.Booking(b.ID), 200).Status).To(Equal("confirmed"))
		Expect(judge.Confirm(b.ID, b.FirstChoiceSlotID)).To(beRefused(409, "BOOKING_NOT_PENDING"))
		Eventually(func() []string { return decisions(b.ID) }).WithTimeout(10 * time.Second).Should(ConsistOf("booking.confirmed"))
	})

	It("lets decisions stand while the course service is down, and the slots follow", func() {
		people, l, judge := students(3), course(6), admin()
		var bookings []client.Booking
		for i, p := range people {
			bookings = append(bookings, booked(p, l, 2*i, 2*i+1))
		}
		Expect(platform.Stop("course")).To(Succeed())
		answers := []client.Answer{
			judge.Confirm(bookings[0].ID, l.Slots[0].ID), judge.Reject(bookings[1].ID, "penuh"), people[2].Cancel(bookings[2].ID),
		}
		for _, a := range answers {
			Expect(a).To(succeed(200))
			Expect(a.Took).To(BeNumerically("<", 5*time.Second))
		}
		Expect(people[1].Book(l.ID, l.Slots[0].ID, l.Slots[1].ID)).To(beUnavailable())
		waiting := read[client.Page[client.PendingBooking]](judge.Get("/api/bookings/pending"), 200)
		Expect(waiting.Items).To(HaveEach(HaveField("Course", BeNil())))
		Expect(platform.Start("course")).To(Succeed())
		Eventually(func() []string { return statuses(l.slotIDs()...) }).WithTimeout(20 * time.Second).WithPolling(50 * time.Millisecond).
			Should(Equal([]string{"booked", "available", "available", "available", "available", "available"}))
	})
})

func (l lessons) slotIDs() []string {
	ids := make([]string, len(l.Slots))
	for i, slot := range l.Slots {
		ids[i] = slot.ID
	}
	return ids
}

var _ = Describe("The deadline", func() {
	backdate := func(ids ...string) {
		GinkgoHelper()
		_, err := platform.DB.Exec(context.Background(), `UPDATE booking.bookings
			SET created_at = now() - interval '72 hours 1 second', expires_at = now() - interval '1 second' WHERE id = ANY ($1)`, ids)
		Expect(err).NotTo(HaveOccurred())
	}

	It("counts whether or not the sweep has run, and the sweep frees the slots", Label("slow"), SpecPriority(-2), func() {
		people, l, judge := students(4), course(8), admin()
		var ids []string
		for i, p := range people {
			ids = append(ids, booked(p, l, 2*i, 2*i+1).ID)
		}
		backdate(ids...)
		refuse := func() {
			GinkgoHelper()
			expired := beRefused(409, "BOOKING_EXPIRED")
			Expect(judge.Confirm(ids[0], l.Slots[0].ID)).To(expired)
			Expect(judge.Reject(ids[1], "")).To(expired)
			Expect(people[2].Cancel(ids[2])).To(expired)
		}
		refuse()
		Eventually(func() []string { return statuses(l.slotIDs()...) }).WithTimeout(65 * time.Second).
			WithPolling(100 * time.Millisecond).Should(HaveEach("available"))
		refuse()
		for i, id := range ids {
			b := read[client.Booking](people[i].Booking(id), 200)
			Expect([]any{b.Status, *b.StatusReason}).To(Equal([]any{"rejected", "expired"}))
			Eventually(func() []string { return decisions(id) }).WithTimeout(5 * time.Second).Should(ConsistOf("booking.expired"))
		}
		Expect(booked(people[3], l, 0, 1).Status).To(Equal("pending"), "the student can go on")
	})
})
