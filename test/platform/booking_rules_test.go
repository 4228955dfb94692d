package platform_test

import (
	"context"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Booking rules", Ordered, func() {
	var (
		p    *client.Person
		l, m lessons
	)
	BeforeAll(func() {
		atOnce(func() { p = student() }, func() { l = course(8) }, func() { m = course(2) })
	})

	It("refuses the same slot twice", func() {
		Expect(p.Book(l.ID, l.Slots[0].ID, l.Slots[0].ID)).To(beRefused(400, "BOOKING_SAME_SLOT"))
	})

	It("refuses a course that does not exist", func() {
		first, second := l.pair(0, 1)
		Expect(p.Book(uuid.NewString(), first, second)).To(beRefused(404, "COURSE_NOT_FOUND"))
	})

	It("refuses a course that is not published, and does not show it", func() {
		name := platform.Catalogue.Name("rahasia")
		Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name, catalogue.Unpublished),
			catalogue.Schedule(name, name, catalogue.Start(), 2))).To(Succeed())

		var (
			id    string
			slots []string
		)
		Eventually(func(g Gomega) {
			row := platform.DB.QueryRow(context.Background(), `SELECT c.id, array_agg(s.id ORDER BY s.starts_at)
				FROM course.courses c JOIN course.schedules s ON s.course_id = c.id WHERE c.name = $1 GROUP BY c.id`, name)
			g.Expect(row.Scan(&id, &slots)).To(Succeed())
			g.Expect(slots).To(HaveLen(2))
		}).WithTimeout(5 * time.Second).Should(Succeed())
		Expect(p.Book(id, slots[0], slots[1])).To(beRefused(404, "COURSE_NOT_FOUND"))
		Expect(p.Get("/api/courses/" + name)).To(beRefused(404, "COURSE_NOT_FOUND"))
		Expect(p.Get("/api/schedules/available?course_id=" + id)).To(
			Or(beRefused(404, "COURSE_NOT_FOUND"), HaveField("Body", ContainSubstring(`"items":[]`))))
	})

	It("refuses a slot that does not exist", func() {
		Expect(p.Book(l.ID, l.Slots[0].ID, uuid.NewString())).To(beRefused(409, "BOOKING_INVALID_SLOTS"))
		Expect(statuses(l.Slots[0].ID)).To(Equal([]string{"available"}))
	})

	It("refuses slots of another course", func() {
		Expect(p.Book(l.ID, l.Slots[0].ID, m.Slots[0].ID)).To(beRefused(400, "BOOKING_COURSE_MISMATCH"))
		Expect(p.Book(l.ID, m.Slots[0].ID, m.Slots[1].ID)).To(beRefused(400, "BOOKING_COURSE_MISMATCH"))
		Expect(statuses(l.Slots[0].ID, m.Slots[0].ID, m.Slots[1].ID)).To(HaveEach("available"))
	})

	It("refuses a slot in the past", func() {
		old := course(2)
		first, second := old.pair(0, 1)
		// The operator puts the slot back when it looks next, which may be before the booking does.
		Eventually(func() client.Answer {
			_, err := platform.DB.Exec(context.Background(), `UPDATE course.schedules
				SET starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour' WHERE id = $1`, second)
			Expect(err).NotTo(HaveOccurred())

			a := p.Book(old.ID, first, second)
			if a.OK() {
				Expect(p.Cancel(read[client.Booking](a, 201).ID)).To(succeed(200))
			}

			return a
		}).Should(beRefused(400, "BOOKING_SLOT_IN_PAST"))
		Expect(statuses(first)).To(Equal([]string{"available"}))
	})

	It("refuses a second pending booking for the same course, and takes one for another course", func() {
		b := booked(p, l, 0, 1)
		first, second := l.pair(2, 3)
		Expect(p.Book(l.ID, first, second)).To(beRefused(409, "BOOKING_ALREADY_PENDING"))
		Expect(statuses(first, second)).To(HaveEach("available"))

		other := booked(p, m, 0, 1)
		Expect(p.Cancel(other.ID)).To(succeed(200))
		Expect(p.Cancel(b.ID)).To(succeed(200))
		Expect(p.Cancel(booked(p, l, 2, 3).ID)).To(succeed(200))
	})

	It("refuses a slot that another student holds, reserved or booked, and leaves the other alone", func() {
		q := student()
		b := booked(q, l, 0, 1)
		Expect(p.Book(l.ID, l.Slots[1].ID, l.Slots[2].ID)).To(beRefused(409, "BOOKING_INVALID_SLOTS"))
		Expect(admin().Confirm(b.ID, l.Slots[1].ID)).To(succeed(200))
		Expect(p.Book(l.ID, l.Slots[2].ID, l.Slots[1].ID)).To(beRefused(409, "BOOKING_INVALID_SLOTS"))
		Expect(statuses(l.Slots[0].ID, l.Slots[1].ID, l.Slots[2].ID)).To(Equal([]string{"available", "booked", "available"}))
	})

	It("names every bad field of a booking at once", func() {
		a := p.Post("/api/bookings/create", map[string]any{
			"course_id": "piano", "first_choice_slot_id": 7, "note": string(make([]byte, 501)), "surprise": true,
		})
		Expect(a).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(a.Fields()).To(And(HaveKey("course_id"), HaveKey("first_choice_slot_id"), HaveKey("second_choice_slot_id"),
			HaveKey("note"), HaveKey("surprise")))
	})
})

var _ = Describe("Decisions", Ordered, func() {
	var (
		p *client.Person
		l lessons
	)
	BeforeAll(func() {
		atOnce(func() { p = student() }, func() { l = course(10) })
	})

	It("confirms the chosen slot and frees the other at once", func() {
		b := booked(p, l, 0, 1)
		Expect(statuses(l.pairIDs(0, 1)...)).To(HaveEach("reserved"))

		c := read[client.Booking](admin().Confirm(b.ID, l.Slots[0].ID), 200)
		Expect(statuses(l.pairIDs(0, 1)...)).To(Equal([]string{"booked", "available"}))
		Expect(shown(l.ID, l.pairIDs(0, 1)...)).To(Equal([]string{"booked", "available"}))
		Expect(c).To(And(HaveField("Status", "confirmed"), HaveField("StatusReason", BeNil()), HaveField("ConfirmedAt", Not(BeNil()))))
	})

	It("rejects with a reason, or without a body", func() {
		b := booked(p, l, 2, 3)
		r := read[client.Booking](admin().Reject(b.ID, "Guru berhalangan"), 200)

		Expect(statuses(l.pairIDs(2, 3)...)).To(HaveEach("available"))
		Expect([]any{r.Status, *r.StatusReason, *r.DecisionNote}).To(Equal([]any{"rejected", "admin", "Guru berhalangan"}))

		r = read[client.Booking](admin().Reject(booked(p, l, 2, 3).ID, ""), 200)
		Expect(r.DecisionNote).To(BeNil())
	})

	It("cancels by the student only, and shows the slots free at once", func() {
		b := booked(p, l, 2, 3)
		Expect(student().Cancel(b.ID)).To(beRefused(404, "BOOKING_NOT_FOUND"))
		Expect(admin().Cancel(b.ID)).To(beRefused(404, "BOOKING_NOT_FOUND"), "self means the student")

		r := read[client.Booking](p.Cancel(b.ID), 200)
		Expect([]any{r.Status, *r.StatusReason}).To(Equal([]any{"cancelled", "student"}))
		Expect(statuses(l.pairIDs(2, 3)...)).To(HaveEach("available"))
	})

	It("revokes a confirmed booking with a reason, and frees the slot", func() {
		b := booked(p, l, 4, 5)
		Expect(admin().Revoke(b.ID, "terlalu dini")).To(beRefused(409, "BOOKING_NOT_CONFIRMED"))
		Expect(admin().Confirm(b.ID, l.Slots[5].ID)).To(succeed(200))
		Expect(admin().Revoke(b.ID, "")).To(beRefused(400, "VALIDATION_FAILED"))

		r := read[client.Booking](admin().Revoke(b.ID, "Guru sakit"), 200)
		Expect([]any{*r.StatusReason, *r.DecisionNote}).To(Equal([]any{"admin", "Guru sakit"}))
		Expect(r.Status).To(Equal("cancelled"))
		Expect(statuses(l.pairIDs(4, 5)...)).To(HaveEach("available"))
		Expect(admin().Revoke(b.ID, "lagi")).To(beRefused(409, "BOOKING_NOT_CONFIRMED"))
	})

	It("confirms no slot that has begun", func() {
		p, l := student(), course(2)
		b := booked(p, l, 0, 1)
		_, err := platform.DB.Exec(context.Background(), `UPDATE booking.bookings
			SET lesson = jsonb_set(lesson, ARRAY['slots', $2, 'startsAt'], to_jsonb(now() - interval '1 minute')) WHERE id = $1`,
			b.ID, b.FirstChoiceSlotID)
		Expect(err).NotTo(HaveOccurred())

		Expect(admin().Confirm(b.ID, b.FirstChoiceSlotID)).To(beRefused(409, "BOOKING_SLOT_BEGUN"))
		Expect(statuses(b.FirstChoiceSlotID, b.SecondChoiceSlotID)).To(HaveEach("reserved"))
		Expect(p.Cancel(b.ID)).To(succeed(200))
	})

	It("decides once", func() {
		b := booked(p, l, 6, 7)
		Expect(admin().Confirm(b.ID, l.Slots[0].ID)).To(beRefused(400, "BOOKING_SLOT_NOT_CHOSEN"))
		Expect(admin().Reject(b.ID, "penuh")).To(succeed(200))
		Expect(admin().Confirm(b.ID, l.Slots[6].ID)).To(beRefused(409, "BOOKING_NOT_PENDING"))
		Expect(admin().Reject(b.ID, "lagi")).To(beRefused(409, "BOOKING_NOT_PENDING"))
		Expect(p.Cancel(b.ID)).To(beRefused(409, "BOOKING_NOT_PENDING"))
	})

	It("shows bookings to their owner and to admins only", func() {
		b, nowhere := booked(p, l, 8, 9), uuid.NewString()
		Expect(student().Booking(b.ID)).To(beRefused(404, "BOOKING_NOT_FOUND"))
		Expect(withRole("teacher").Booking(b.ID)).To(beRefused(404, "BOOKING_NOT_FOUND"))
		Expect(admin().Booking(b.ID)).To(succeed(200))
		Expect(read[client.Page[client.Booking]](student().Get("/api/bookings"), 200).Items).To(BeEmpty())

		mine := read[client.Page[client.Booking]](p.Get("/api/bookings?status=pending"), 200)
		Expect(mine.Items).To(ConsistOf(HaveField("ID", b.ID)))
		Expect(read[client.Count](admin().Get("/api/bookings/stats"), 200).Count).To(BeNumerically(">=", 1))

		for _, a := range []client.Answer{
			p.Booking(nowhere), p.Cancel(nowhere), admin().Confirm(nowhere, l.Slots[8].ID),
			admin().Reject(nowhere, ""), admin().Revoke(nowhere, "tidak ada"),
		} {
			Expect(a).To(beRefused(404, "BOOKING_NOT_FOUND"))
		}

		Expect(p.Cancel(b.ID)).To(succeed(200))
	})
})

func (l lessons) pairIDs(i, j int) []string { return []string{l.Slots[i].ID, l.Slots[j].ID} }
