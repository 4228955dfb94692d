package platform_test

import (
	"context"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Races", acrossReplicas, func() {
	It("gives the same pair of slots to exactly one of forty students", func() {
		var (
			bookers []*client.Person
			l       lessons
		)
		atOnce(func() { bookers = students(40) }, func() { l = course(2) })

		answers := together(40, func(i int) client.Answer {
			first, second := l.pair(i%2, (i+1)%2)
			return bookers[i].Book(l.ID, first, second)
		})
		Expect(count(answers, succeed(201))).To(Equal(1))
		Expect(count(answers, beRefused(409, "BOOKING_INVALID_SLOTS"))).To(Equal(39))
		Expect(statuses(l.pairIDs(0, 1)...)).To(HaveEach("reserved"))

		By("leaving nothing behind for the others")

		for i, a := range answers {
			mine := read[client.Page[client.Booking]](bookers[i].Get("/api/bookings"), 200).Items
			if a.Status == 201 {
				Expect(mine).To(HaveLen(1))
			} else {
				Expect(mine).To(BeEmpty())
			}
		}
	})

	It("settles chains of overlapping pairs without a deadlock and without a double booking", func() {
		const links = 24

		var (
			bookers []*client.Person
			l       lessons
		)
		atOnce(func() { bookers = students(links) }, func() { l = course(links) })

		answers := together(links, func(i int) client.Answer {
			first, second := l.pair(i, (i+1)%links)
			if i%3 == 0 {
				first, second = second, first
			}

			return bookers[i].Book(l.ID, first, second)
		})
		won := count(answers, succeed(201))
		Expect(won).To(And(BeNumerically(">=", links/3), BeNumerically("<=", links/2)),
			"each winner keeps at most two neighbours from winning")
		Expect(won + count(answers, beRefused(409, "BOOKING_INVALID_SLOTS"))).To(Equal(links))

		left, err := client.Available(stranger(), l.ID)
		Expect(err).NotTo(HaveOccurred())
		Expect(left).To(HaveLen(links - 2*won))
	})

	It("gives one student one booking, however often they ask at once", func() {
		var (
			p *client.Person
			l lessons
		)
		atOnce(func() { p = student() }, func() { l = course(80) })

		answers := together(40, func(i int) client.Answer {
			first, second := l.pair(2*i, 2*i+1)
			return p.Book(l.ID, first, second)
		})
		Expect(count(answers, succeed(201))).To(Equal(1))
		Expect(count(answers, beRefused(409, "BOOKING_ALREADY_PENDING"))).To(Equal(39))

		left, err := client.Available(stranger(), l.ID)
		Expect(err).NotTo(HaveOccurred())
		Expect(left).To(HaveLen(78))
	})

	It("has exactly one outcome and one event when all deciders act at once", func() {
		const rounds = 6

		l := course(2 * rounds)
		judge := admin()
		people := students(rounds)
		bookings := together(rounds, func(i int) client.Booking { return booked(people[i], l, 2*i, 2*i+1) })

		answers := together(rounds*4, func(i int) client.Answer {
			b := bookings[i/4]

			return []func() client.Answer{
				func() client.Answer { return judge.Confirm(b.ID, b.FirstChoiceSlotID) },
				func() client.Answer { return judge.Confirm(b.ID, b.SecondChoiceSlotID) },
				func() client.Answer { return judge.Reject(b.ID, "") },
				func() client.Answer { return people[i/4].Cancel(b.ID) },
			}[i%4]()
		})
		for i, b := range bookings {
			round := answers[4*i : 4*i+4]
			outcomes := outcomesOf(round)
			Expect(outcomes).To(ContainElement("booking." + read[client.Booking](people[i].Booking(b.ID), 200).Status))
			Eventually(func() []string { return decisions(b.ID) }).WithTimeout(5 * time.Second).Should(ConsistOf(outcomes))
		}
	})

	It("books and decides and books again in one stream without losing a slot", func() {
		people, l, judge := students(8), course(6), admin()
		together(8, func(i int) struct{} {
			for round := range 6 {
				first, second := l.pair((i+round)%6, (i+round+1+i%3)%6)

				a := people[i].Book(l.ID, first, second)
				if a.Status != 201 {
					Expect(a).To(beRefused(409, "BOOKING_INVALID_SLOTS"))

					continue
				}

				b := read[client.Booking](a, 201)
				if round%2 == 0 {
					Expect(people[i].Cancel(b.ID)).To(succeed(200))

					continue
				}

				Expect(judge.Confirm(b.ID, second)).To(succeed(200))
				Expect(judge.Revoke(b.ID, "berikutnya")).To(succeed(200))
			}

			return struct{}{}
		})

		left, err := client.Available(stranger(), l.ID)
		Expect(err).NotTo(HaveOccurred())
		Expect(left).To(HaveLen(6))
	})
})

// outcomesOf returns the topics of what came of two confirmations, a rejection and the student's cancellation at once: one
// of them wins. Only a cancellation may follow, right after a confirmation, because the lesson is more than a day away.
func outcomesOf(round []client.Answer) []any {
	GinkgoHelper()

	var outcomes []any

	for _, a := range round {
		if a.OK() {
			outcomes = append(outcomes, "booking."+read[client.Booking](a, 200).Status)
		}
	}

	Expect(outcomes).To(Or(HaveLen(1), ConsistOf("booking.confirmed", "booking.cancelled")))
	Expect(count(round, beRefused(409, "BOOKING_NOT_PENDING"))).To(Equal(len(round) - len(outcomes)))

	return outcomes
}

// decisions returns the topics on which the end of a booking was announced.
func decisions(booking string) []string {
	GinkgoHelper()

	var topics []string
	for _, topic := range []string{"booking.confirmed", "booking.rejected", "booking.cancelled", "booking.expired"} {
		for range published(topic, booking) {
			topics = append(topics, topic)
		}
	}

	return topics
}

// published reads the events of a topic that name a booking from the broker. One that was published again because its
// publisher died counts once, as it does for consumers.
func published(topic, booking string) []cloudEvent {
	GinkgoHelper()

	all, err := stream(context.Background(), topic)
	Expect(err).NotTo(HaveOccurred())

	var found []cloudEvent
	for _, e := range all {
		again := func(other cloudEvent) bool { return other.ID == e.ID }
		if e.Data["bookingId"] == booking && !slices.ContainsFunc(found, again) {
			found = append(found, e)
		}
	}

	return found
}
