package controller_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

var _ = Describe("Schedule", func() {
	var (
		ns string
		c  *v1alpha1.Course
	)
	BeforeEach(func(ctx SpecContext) {
		ns = namespace(ctx)
		c = course(ns, unique("piano"))
		create(ctx, c)
		Eventually(current(c)).WithContext(ctx).Should(beReady())
	})
	// ready applies a Schedule and returns its slots.
	ready := func(ctx context.Context, s *v1alpha1.Schedule) []row {
		GinkgoHelper()
		create(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(beReady())
		rows, err := slots(s)(ctx)
		Expect(err).NotTo(HaveOccurred())

		return rows
	}

	It("has its slots in the database within two seconds, in UTC, with an event", func(ctx SpecContext) {
		s := schedule(ns, "mixed", c.Name, oneOffs("2027-06-01T10:00"), daily(1))
		create(ctx, s)
		Eventually(func(g Gomega) {
			rows, err := slots(s)(ctx)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(startsOf(rows)).To(Equal([]string{
				"2027-01-01 09:00", "2027-01-02 09:00", "2027-01-03 09:00", "2027-01-04 09:00", "2027-01-05 09:00",
				"2027-01-06 09:00", "2027-01-07 09:00", "2027-01-08 09:00", "2027-06-01 03:00",
			}))
		}).WithTimeout(2 * time.Second).Should(Succeed())
		Eventually(current(s)).WithContext(ctx).Should(And(beReady(), count(9, 0, 0)))
		Expect(s.Status.NextSlot.UTC()).To(Equal(time.Date(2027, 1, 1, 9, 0, 0, 0, time.UTC)))
		Expect(s.Status.SlotsUntil).To(Equal("2027-01-08"))
		Expect(s.Spec.TimeZone).To(Equal("Asia/Jakarta"), "the default")
		Eventually(eventsOf(s)).WithContext(ctx).Should(ContainElement("Applied"))
		Expect(announced(ctx, "Schedule", s.Name)).To(BeNumerically(">", 0))
		Expect(sql(ctx, `SELECT FROM course.schedules WHERE resource_uid = $1 AND time_zone = 'Asia/Jakarta' AND status = 'available'
			AND booking_id IS NULL AND resource_namespace = $2 AND resource_name = 'mixed'`, string(s.UID), ns)).To(BeEquivalentTo(9))
	})

	It("keeps every id when it is applied again and when the operator restarts", func(ctx SpecContext) {
		s := schedule(ns, "stable", c.Name, daily(1))
		before := ready(ctx, s)
		update(ctx, s, func(s *v1alpha1.Schedule) { s.Labels = map[string]string{"applied": "again"} })
		update(ctx, s, func(s *v1alpha1.Schedule) { s.Spec.Recurrence.HorizonWeeks = 2 })
		Eventually(current(s)).WithContext(ctx).Should(And(beReady(), count(15, 0, 0)))
		update(ctx, s, func(s *v1alpha1.Schedule) { s.Spec.Recurrence.HorizonWeeks = 1 })
		Eventually(slots(s)).WithContext(ctx).Should(Equal(before))
		version := catalogVersion(ctx)

		restartOperator()
		Consistently(slots(s)).WithContext(ctx).Should(Equal(before))
		Expect(catalogVersion(ctx)).To(Equal(version), "a restart writes nothing")
		Expect(eventsOf(s)(ctx)).NotTo(ContainElement("DriftCorrected"))
	})

	It("waits for its Course, and becomes ready by itself", func(ctx SpecContext) {
		later := course(ns, unique("biola"))
		s := schedule(ns, "early", later.Name, oneOffs("2027-02-01T10:00"))
		create(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(fail("CourseNotFound", "does not exist; apply it"))
		create(ctx, later)
		Eventually(current(s)).WithContext(ctx).WithTimeout(2 * time.Second).Should(And(beReady(), count(1, 0, 0)))
	})

	It("waits again while its Course is gone, and goes on with the same slots", func(ctx SpecContext) {
		other := course(ns, unique("biola"))
		create(ctx, other)
		s := schedule(ns, "patient", other.Name, oneOffs("2027-02-01T10:00"))
		before := ready(ctx, s)
		Expect(suite.client.Delete(ctx, other)).To(Succeed())
		Eventually(gone(other)).WithContext(ctx).Should(Succeed())
		Eventually(current(s)).WithContext(ctx).Should(And(fail("CourseNotFound", ""), count(0, 0, 0)))
		create(ctx, course(ns, other.Name))
		Eventually(current(s)).WithContext(ctx).Should(beReady())
		Expect(slots(s)(ctx)).To(Equal(before))
		Expect(eventsOf(s)(ctx)).NotTo(ContainElement("DriftCorrected"))
	})

	It("follows bookings in its status within five seconds", func(ctx SpecContext) {
		s := schedule(ns, "counted", c.Name, oneOffs("2027-02-01T10:00", "2027-02-02T10:00", "2027-02-03T10:00"))
		rows := ready(ctx, s)
		book(ctx, rows[0].ID, "reserved")
		book(ctx, rows[1].ID, "booked")
		Eventually(current(s)).WithContext(ctx).WithTimeout(5 * time.Second).Should(And(beReady(), count(1, 1, 1)))
		free(ctx, rows[0].ID)
		Eventually(current(s)).WithContext(ctx).WithTimeout(5 * time.Second).Should(count(2, 0, 1))
		Expect(s.Status.NextSlot.UTC()).To(Equal(time.Date(2027, 2, 1, 3, 0, 0, 0, time.UTC)))
	})

	It("replaces free slots and keeps held ones when the spec changes", func(ctx SpecContext) {
		s := schedule(ns, "moved", c.Name, oneOffs("2027-02-01T10:00", "2027-02-02T10:00", "2027-02-03T10:00"))
		rows := ready(ctx, s)
		book(ctx, rows[0].ID, "reserved")
		book(ctx, rows[1].ID, "booked")
		update(ctx, s, func(s *v1alpha1.Schedule) {
			s.Spec.Slots = []v1alpha1.Slot{{Start: "2027-02-02T10:00", Duration: "2h"}, {Start: "2027-02-04T10:00", Duration: "1h"}}
		})
		Eventually(current(s)).WithContext(ctx).Should(And(
			have("Ready", "True", "Applied", ""), have("Synced", "False", "SlotsInUse", "2 future slots"), count(1, 1, 1)))
		after, err := slots(s)(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(startsOf(after)).To(Equal([]string{"2027-02-01 03:00", "2027-02-02 03:00", "2027-02-04 03:00"}))
		Expect(after[:2]).To(HaveEach(HaveField("Status", Not(Equal("available")))))
		Expect(sql(ctx, "SELECT FROM course.schedules WHERE id = $1 AND ends_at = starts_at + interval '1 hour'", rows[1].ID)).
			To(BeEquivalentTo(1), "a booked lesson keeps its length")

		free(ctx, rows[0].ID)
		free(ctx, rows[1].ID)
		Eventually(current(s)).WithContext(ctx).Should(And(beReady(), count(2, 0, 0)))
		Expect(sql(ctx, "SELECT FROM course.schedules WHERE id = $1 AND ends_at = starts_at + interval '2 hours'", rows[1].ID)).To(BeEquivalentTo(1))
		Expect(eventsOf(s)(ctx)).NotTo(ContainElement("DriftCorrected"), "the end of a booking is no drift")
	})

	It("withdraws free slots while it is suspended, and brings them back with their ids", func(ctx SpecContext) {
		s := schedule(ns, "paused", c.Name, oneOffs("2027-02-01T10:00", "2027-02-02T10:00"))
		before := ready(ctx, s)
		book(ctx, before[0].ID, "booked")
		update(ctx, s, func(s *v1alpha1.Schedule) { s.Spec.Suspend = true })
		Eventually(current(s)).WithContext(ctx).Should(And(have("Ready", "True", "Applied", "suspended"), beReady(), count(0, 0, 1)))
		Expect(slots(s)(ctx)).To(HaveLen(1))
		update(ctx, s, func(s *v1alpha1.Schedule) { s.Spec.Suspend = false })
		Eventually(current(s)).WithContext(ctx).Should(And(beReady(), count(1, 0, 1)))
		free(ctx, before[0].ID)
		Expect(slots(s)(ctx)).To(Equal(before))
	})

	It("moves its horizon on every day, without an event", func(ctx SpecContext) {
		s := schedule(ns, "rolling", c.Name, daily(1))
		before := ready(ctx, s)

		DeferCleanup(func() { suite.clock.Advance(-48 * time.Hour) })
		suite.clock.Advance(48 * time.Hour)
		Eventually(current(s)).WithContext(ctx).Should(And(beReady(), count(8, 0, 0), HaveField("Status.SlotsUntil", "2027-01-10")))
		after, err := slots(s)(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(after).To(HaveLen(10), "what has passed stays")
		Expect(after[:8]).To(Equal(before))
		Expect(eventsOf(s)(ctx)).NotTo(ContainElement("DriftCorrected"))
	})

	It("counts future slots only: what begins leaves the counts by itself", func(ctx SpecContext) {
		s := schedule(ns, "passing", c.Name, oneOffs("2027-01-01T12:30", "2027-01-01T13:30"))
		ready(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(count(2, 0, 0))
		DeferCleanup(func() { suite.clock.Advance(-time.Hour) })
		suite.clock.Advance(time.Hour)
		Eventually(current(s)).WithContext(ctx).WithTimeout(5 * time.Second).Should(And(beReady(), count(1, 0, 0)))
		Expect(s.Status.NextSlot.UTC()).To(Equal(time.Date(2027, 1, 1, 6, 30, 0, 0, time.UTC)))
	})

	It("puts back slots that were changed, deleted or added by hand, with an event", func(ctx SpecContext) {
		s := schedule(ns, "drifting", c.Name, oneOffs("2027-02-01T10:00"), daily(1))

		before := ready(ctx, s)
		for _, statement := range []string{
			"DELETE FROM course.schedules WHERE resource_uid = $1 AND starts_at < '2027-01-03Z'",
			"DELETE FROM course.schedules WHERE resource_uid = $1",
			"UPDATE course.schedules SET starts_at = starts_at + interval '10 minutes' WHERE resource_uid = $1 AND starts_at < '2027-01-03Z'",
			"UPDATE course.schedules SET starts_at = starts_at - interval '1 year' WHERE resource_uid = $1",
			"UPDATE course.schedules SET time_zone = 'UTC', ends_at = ends_at + interval '1 hour' WHERE resource_uid = $1",
			"UPDATE course.schedules SET resource_uid = 'another' WHERE resource_uid = $1",
			`INSERT INTO course.schedules (id, course_id, starts_at, ends_at, time_zone, resource_namespace, resource_name, resource_uid, resource_generation)
			 SELECT gen_random_uuid(), course_id, starts_at + interval '1 hour', ends_at + interval '1 hour', 'UTC', 'x', 'y', resource_uid, 1
			 FROM course.schedules WHERE resource_uid = $1`,
		} {
			Expect(sql(ctx, statement, string(s.UID))).NotTo(BeZero())
			Eventually(slots(s)).WithContext(ctx).Should(Equal(before), statement)
		}

		Eventually(eventsOf(s)).WithContext(ctx).Should(ContainElement("DriftCorrected"))
		Eventually(current(s)).WithContext(ctx).Should(And(beReady(), count(9, 0, 0)))
	})

	It("says what is wrong with a rule that the API server cannot judge", func(ctx SpecContext) {
		s := schedule(ns, "never", c.Name, daily(1), func(s *v1alpha1.Schedule) {
			s.Spec.Recurrence.RRule = "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"
		})
		create(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(fail("InvalidSchedule", "spec.recurrence.rrule never gives a day"))
		Eventually(eventsOf(s)).WithContext(ctx).Should(ContainElement("InvalidSchedule"))
		update(ctx, s, func(s *v1alpha1.Schedule) { s.Spec.Recurrence.RRule = "FREQ=MONTHLY;BYMONTHDAY=-1" })
		Eventually(current(s)).WithContext(ctx).Should(beReady())
	})

	It("keeps local times over clock changes, in any zone", func(ctx SpecContext) {
		s := schedule(ns, "berlin", c.Name, oneOffs("2027-03-28T02:30", "2027-10-31T02:30", "2027-06-01T16:00", "2027-12-01T16:00"),
			func(s *v1alpha1.Schedule) { s.Spec.TimeZone = "Europe/Berlin" })
		Expect(startsOf(ready(ctx, s))).To(Equal([]string{
			"2027-03-28 01:30", "2027-06-01 14:00", "2027-10-31 00:30", "2027-12-01 15:00",
		}))
	})
})
