package platform_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// move asks for another time of a confirmed lesson.
func move(p *client.Person, b client.Booking, l lessons, i, j int) client.Answer {
	first, second := l.pair(i, j)

	return p.Post("/api/bookings/"+b.ID+"/reschedule", map[string]any{"first_choice_slot_id": first, "second_choice_slot_id": second})
}

// state is the status of a booking with its reason, as its owner reads it.
func state(p *client.Person, id string) string {
	GinkgoHelper()

	b := read[client.Booking](p.Booking(id), 200)
	if b.StatusReason == nil {
		return b.Status
	}

	return b.Status + " " + *b.StatusReason
}

// stands expects the lesson in slot 0 to be as if its move to slots 2 and 3 had never been asked for, and that its people
// were told of the deadline once.
func stands(p, teacher *client.Person, l lessons, old, next client.Booking) {
	GinkgoHelper()

	Expect(state(p, next.ID)).To(Equal("rejected expired"))
	Expect(state(p, old.ID)).To(Equal("confirmed"))
	Expect(shown(l.ID, l.Slots[0].ID, l.Slots[2].ID, l.Slots[3].ID)).To(Equal([]string{"booked", "available", "available"}))
	Expect(lessonsOf(p, "")).To(Equal([]string{old.ID}))
	Expect(lessonsOf(teacher, "")).To(Equal([]string{old.ID}))

	eventually(func() []client.Notification { return toldAs(p, next.ID, "booking_expired") }).Should(HaveLen(1))
	Eventually(func() []string { return decisions(next.ID) }).Should(ConsistOf("booking.expired"))
	settled()
	Expect(toldAs(p, next.ID, "booking_expired")).To(HaveLen(1))
	Expect(told(p, old.ID)).To(HaveEach(HaveField("Type", Or(Equal("booking_received"), Equal("booking_confirmed")))))
	Expect(told(teacher, old.ID)).To(HaveEach(HaveField("Type", "lesson_confirmed")))
}

// within a day of its beginning a lesson can't be moved.
func nearby(b client.Booking) {
	GinkgoHelper()

	_, err := platform.DB.Exec(context.Background(), `
		UPDATE booking.bookings SET lesson_starts_at = now() + interval '23 hours 59 minutes',
			lesson = jsonb_set(lesson, ARRAY['slots', confirmed_slot_id::text, 'startsAt'], to_jsonb(now() + interval '23 hours 59 minutes'))
		WHERE id = $1`, b.ID)
	Expect(err).NotTo(HaveOccurred())
}

var _ = Describe("A confirmed lesson", acrossReplicas, func() {
	It("stands until another time is confirmed, and ends in the same moment", func() {
		p, l := student(), course(6)
		old := confirmed(p, l, 0, 1)
		next := read[client.Booking](move(p, old, l, 2, 3), 201)
		Expect(state(p, old.ID)).To(Equal("confirmed"))
		Expect(move(p, old, l, 4, 5)).To(beRefused(409, "BOOKING_ALREADY_PENDING"))

		Expect(admin().Confirm(next.ID, l.Slots[3].ID)).To(succeed(200))
		Expect(state(p, old.ID)).To(Equal("cancelled rescheduled"))
		Expect(shown(l.ID, l.Slots[0].ID, l.Slots[2].ID, l.Slots[3].ID)).To(Equal([]string{"available", "available", "booked"}))

		By("a wish that is rejected changes nothing")

		rejected := read[client.Booking](move(p, next, l, 0, 1), 201)
		Expect(admin().Reject(rejected.ID, "")).To(succeed(200))
		Expect(state(p, next.ID)).To(Equal("confirmed"))
		Expect(shown(l.ID, l.Slots[0].ID, l.Slots[3].ID)).To(Equal([]string{"available", "booked"}))
	})

	It("stands when the three days for its move pass without a decision", func() {
		sari, p := withRole("teacher"), student()
		l := taughtBy(sari, 4)
		old := confirmed(p, l, 0, 1)

		Eventually(func() []string { return lessonsOf(sari, "") }).Should(HaveLen(1))

		next := read[client.Booking](move(p, old, l, 2, 3), 201)
		overdue(next)

		late := together(4, func(i int) client.Answer {
			return []func() client.Answer{
				func() client.Answer { return admin().Confirm(next.ID, next.FirstChoiceSlotID) },
				func() client.Answer { return admin().Reject(next.ID, "") },
				func() client.Answer { return p.Cancel(next.ID) },
				func() client.Answer { return admin().Confirm(next.ID, next.SecondChoiceSlotID) },
			}[i]()
		})
		Expect(complaints(late, beRefused(409, "BOOKING_EXPIRED"))).To(BeEmpty())
		stands(p, sari, l, old, next)

		By("the student can ask again")
		Expect(move(p, old, l, 2, 3)).To(succeed(201))
	})

	It("is moved and cancelled by its student alone, and until a day before", func() {
		p, l := student(), course(4)
		b := confirmed(p, l, 0, 1)
		Expect(move(student(), b, l, 2, 3)).To(beRefused(404, "BOOKING_NOT_FOUND"))
		nearby(b)
		Expect(move(p, b, l, 2, 3)).To(beRefused(409, "BOOKING_TOO_LATE"))
		Expect(p.Cancel(b.ID)).To(beRefused(409, "BOOKING_TOO_LATE"))

		other := student()
		early := confirmed(other, l, 2, 3)
		Expect(other.Cancel(early.ID)).To(succeed(200))
		Expect(shown(l.ID, l.Slots[2].ID)).To(Equal([]string{"available"}))
		Expect(move(other, early, l, 2, 3)).To(beRefused(409, "BOOKING_NOT_CONFIRMED"))
	})

	It("has one outcome when its move is confirmed and it is cancelled, revoked and moved again at once", func() {
		const rounds = 6

		l, judge, people := course(4*rounds), admin(), students(rounds)
		old := together(rounds, func(i int) client.Booking { return confirmed(people[i], l, 4*i, 4*i+1) })
		next := together(rounds, func(i int) client.Booking {
			return read[client.Booking](move(people[i], old[i], l, 4*i+2, 4*i+3), 201)
		})

		together(rounds*5, func(k int) client.Answer {
			i := k / 5

			return []func() client.Answer{
				func() client.Answer { return judge.Confirm(next[i].ID, next[i].FirstChoiceSlotID) },
				func() client.Answer { return people[i].Cancel(old[i].ID) },
				func() client.Answer { return judge.Revoke(old[i].ID, "ill") },
				func() client.Answer { return people[i].Cancel(next[i].ID) },
				func() client.Answer { return move(people[i], old[i], l, 4*i+2, 4*i+3) },
			}[k%5]()
		})

		for i, p := range people {
			before, after := state(p, old[i].ID), state(p, next[i].ID)
			Expect(before).NotTo(Equal("pending"))

			if after == "confirmed" {
				Expect(before).To(HavePrefix("cancelled"), "no student has both")
			}

			if before == "cancelled rescheduled" {
				Expect(after).To(Or(Equal("confirmed"), Equal("cancelled student")))
			}

			held := strings.Join(shown(l.ID, l.Slots[4*i].ID, l.Slots[4*i+1].ID, l.Slots[4*i+2].ID, l.Slots[4*i+3].ID), " ")
			Expect(strings.Count(held, "booked")).To(Equal(strings.Count(before+" "+after, "confirmed")), held)
		}
	})
})
