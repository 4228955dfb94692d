package platform_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/invariants"
)

// The check that runs after each spec is worth what it finds: here it has to find every kind of breach.
var _ = Describe("The check of the promises", Ordered, func() {
	var (
		pending, confirmed client.Booking
		l                  lessons
	)
	BeforeAll(func() {
		var p, q *client.Person
		atOnce(func() { p = student() }, func() { q = student() }, func() { l = course(6) })

		pending, confirmed = booked(p, l, 0, 1), booked(q, l, 2, 3)
		Expect(admin().Confirm(confirmed.ID, confirmed.FirstChoiceSlotID)).To(succeed(200))
	})

	DescribeTable("finds", func(promise, breach string) {
		ctx := context.Background()
		tx, err := platform.DB.Begin(ctx)
		Expect(err).NotTo(HaveOccurred())

		defer func() { _ = tx.Rollback(ctx) }()

		Expect(invariants.Broken(ctx, tx)).To(BeEmpty())

		_, err = tx.Exec(ctx, `SELECT set_config('test.pending', $1, true), set_config('test.confirmed', $2, true),
			set_config('test.free', $3, true)`, pending.ID, confirmed.ID, l.Slots[5].ID)
		Expect(err).NotTo(HaveOccurred())

		_, err = tx.Exec(ctx, breach)
		Expect(err).NotTo(HaveOccurred())
		Expect(invariants.Broken(ctx, tx)).To(ContainElement(HavePrefix(promise)))
	},
		Entry("a pending booking that lost a slot", "every pending booking", `UPDATE course.schedules SET status = 'available', booking_id = NULL
			WHERE booking_id = current_setting('test.pending')::uuid`),
		Entry("a pending booking that holds a third slot", "every pending booking", `UPDATE course.schedules SET status = 'reserved',
			booking_id = current_setting('test.pending')::uuid WHERE id = current_setting('test.free')::uuid`),
		Entry("a confirmed booking without its slot", "every confirmed booking", `UPDATE course.schedules SET status = 'available', booking_id = NULL
			WHERE booking_id = current_setting('test.confirmed')::uuid`),
		Entry("a confirmed booking whose slot is only reserved", "every confirmed booking", `UPDATE course.schedules SET status = 'reserved'
			WHERE booking_id = current_setting('test.confirmed')::uuid`),
		Entry("a slot held by a booking that ended", "no slot is held by any other booking", `UPDATE booking.bookings SET status = 'cancelled',
			status_reason = 'student' WHERE id = current_setting('test.pending')::uuid`),
		Entry("a slot held by a booking that does not exist", "no slot is held by any other booking", `UPDATE course.schedules SET status = 'booked',
			booking_id = gen_random_uuid() WHERE id = current_setting('test.free')::uuid`),
		Entry("two bookings of one slot", "no slot has two holders", `UPDATE booking.bookings SET first_choice_slot_id =
			(SELECT confirmed_slot_id FROM booking.bookings WHERE id = current_setting('test.confirmed')::uuid)
			WHERE id = current_setting('test.pending')::uuid`),
	)
})
