package controller_test

import (
	"context"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

var _ = Describe("Deletion", func() {
	var (
		ns string
		c  *v1alpha1.Course
		s  *v1alpha1.Schedule
	)

	setup := func(ctx context.Context, policy v1alpha1.DeletionPolicy) []row {
		GinkgoHelper()

		ns = namespace(ctx)
		c = course(ns, unique("piano"), func(c *v1alpha1.Course) { c.Spec.DeletionPolicy = policy })
		s = schedule(ns, "lessons", c.Name, oneOffs("2027-02-01T10:00", "2027-02-02T10:00", "2027-02-03T10:00"))
		create(ctx, c)
		create(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(beReady())
		Eventually(current(c)).WithContext(ctx).Should(count(3, 0, 0))
		rows, err := slots(s)(ctx)
		Expect(err).NotTo(HaveOccurred())

		return rows
	}
	remove := func(ctx context.Context, object *v1alpha1.Course) {
		GinkgoHelper()
		Expect(suite.client.Delete(ctx, object)).To(Succeed())
		Eventually(gone(object)).WithContext(ctx).Should(Succeed())
	}

	It("archives a Course by default, and a later one of its name takes the entry up again", func(ctx SpecContext) {
		setup(ctx, "")
		Expect(c.Spec.DeletionPolicy).To(Equal(v1alpha1.DeletionPolicyRetain))
		id := c.Status.CourseID
		remove(ctx, c)
		Expect(sql(ctx, "SELECT FROM course.courses WHERE id = $1 AND archived_at IS NOT NULL", id)).To(BeEquivalentTo(1))
		Eventually(current(s)).WithContext(ctx).Should(And(fail("CourseNotFound", "does not exist"), count(0, 0, 0)))
		Expect(slots(s)(ctx)).To(BeEmpty(), "no other course may offer them")
		Eventually(eventsOf(c)).WithContext(ctx).Should(ContainElement("Archived"))

		again := course(namespace(ctx), c.Name, func(c *v1alpha1.Course) { c.Spec.Title = "Piano, again" })
		create(ctx, again)
		Eventually(current(again)).WithContext(ctx).Should(And(beReady(), HaveField("Status.CourseID", id)))
		Expect(sql(ctx, "SELECT FROM course.courses WHERE id = $1 AND archived_at IS NULL AND published AND title = 'Piano, again'", id)).
			To(BeEquivalentTo(1))
		Eventually(eventsOf(again)).WithContext(ctx).Should(ContainElement("Adopted"))
	})

	It("removes a Course and its slots when the policy is Delete, and gives its slots back to a later one", func(ctx SpecContext) {
		before := setup(ctx, v1alpha1.DeletionPolicyDelete)
		id := c.Status.CourseID
		remove(ctx, c)
		Expect(sql(ctx, "SELECT FROM course.courses WHERE id = $1", id)).To(BeZero())
		Expect(slots(s)(ctx)).To(BeEmpty())
		Eventually(current(s)).WithContext(ctx).Should(fail("CourseNotFound", ""))

		again := course(ns, c.Name)
		create(ctx, again)
		Eventually(current(s)).WithContext(ctx).Should(And(beReady(), count(3, 0, 0)))
		Expect(slots(s)(ctx)).To(Equal(before), "a slot's id follows from the Schedule and the start")
		Eventually(current(again)).WithContext(ctx).Should(HaveField("Status.CourseID", And(Not(BeEmpty()), Not(Equal(id)))))
	})

	for _, policy := range []v1alpha1.DeletionPolicy{v1alpha1.DeletionPolicyRetain, v1alpha1.DeletionPolicyDelete} {
		It("of a Course waits for bookings, hidden, with the policy "+string(policy), func(ctx SpecContext) {
			rows := setup(ctx, policy)
			book(ctx, rows[0].ID, "reserved")
			book(ctx, rows[1].ID, "booked")
			Expect(suite.client.Delete(ctx, c)).To(Succeed())
			Eventually(current(c)).WithContext(ctx).Should(And(
				fail("SlotsInUse", "1 reserved and 1 booked future slots"), count(0, 1, 1)))
			Expect(c.Status.Conditions).To(ContainElement(HaveField("Message", ContainSubstring("2027-02-02T03:00:00Z"))))
			Eventually(eventsOf(c)).WithContext(ctx).Should(ContainElement("SlotsInUse"))
			Expect(sql(ctx, "SELECT FROM course.courses WHERE id = $1 AND NOT published AND archived_at IS NULL", c.Status.CourseID)).
				To(BeEquivalentTo(1))
			Eventually(current(s)).WithContext(ctx).Should(And(fail("CourseNotFound", "is being deleted"), count(0, 1, 1)))

			free(ctx, rows[0].ID)
			Eventually(current(c)).WithContext(ctx).Should(fail("SlotsInUse", "0 reserved and 1 booked"))
			Eventually(slots(s)).WithContext(ctx).Should(HaveLen(1), "free slots of a course that goes are withdrawn")
			Consistently(current(c)).WithContext(ctx).Should(fail("SlotsInUse", "0 reserved and 1 booked"))
			free(ctx, rows[1].ID)
			Eventually(gone(c)).WithContext(ctx).WithTimeout(5 * time.Second).Should(Succeed())
		})
	}

	It("of a Course ends when the last held slot has begun", func(ctx SpecContext) {
		rows := setup(ctx, v1alpha1.DeletionPolicyRetain)
		book(ctx, rows[0].ID, "booked")
		Expect(suite.client.Delete(ctx, c)).To(Succeed())
		Eventually(current(c)).WithContext(ctx).Should(fail("SlotsInUse", ""))
		DeferCleanup(func() { suite.clock.Advance(-32 * 24 * time.Hour) })
		suite.clock.Advance(32 * 24 * time.Hour)
		Eventually(gone(c)).WithContext(ctx).WithTimeout(5 * time.Second).Should(Succeed())
		Expect(sql(ctx, "SELECT FROM course.schedules WHERE id = $1 AND status = 'booked'", rows[0].ID)).To(BeEquivalentTo(1), "history stays")
	})

	It("of a Schedule withdraws free slots at once and waits for the held ones", func(ctx SpecContext) {
		rows := setup(ctx, v1alpha1.DeletionPolicyRetain)
		book(ctx, rows[0].ID, "booked")
		book(ctx, rows[1].ID, "reserved")
		Expect(suite.client.Delete(ctx, s)).To(Succeed())
		Eventually(current(s)).WithContext(ctx).Should(And(fail("SlotsInUse", "1 reserved and 1 booked future slots"), count(0, 1, 1)))
		Expect(s.Status.NextSlot.UTC()).To(Equal(time.Date(2027, 2, 1, 3, 0, 0, 0, time.UTC)))
		Expect(slots(s)(ctx)).To(HaveLen(2))
		free(ctx, rows[1].ID)
		Eventually(current(s)).WithContext(ctx).Should(fail("SlotsInUse", "0 reserved and 1 booked"))
		Eventually(slots(s)).WithContext(ctx).Should(HaveLen(1), "a slot that became free is withdrawn too")

		DeferCleanup(func() { suite.clock.Advance(-32 * 24 * time.Hour) })
		suite.clock.Advance(32 * 24 * time.Hour)
		Eventually(gone(s)).WithContext(ctx).WithTimeout(5 * time.Second).Should(Succeed())
		Expect(sql(ctx, "SELECT FROM course.schedules WHERE id = $1 AND status = 'booked'", rows[0].ID)).To(BeEquivalentTo(1), "history stays")
	})

	It("of a Course with the policy Delete waits for pending bookings, although their slots have passed", func(ctx SpecContext) {
		rows := setup(ctx, v1alpha1.DeletionPolicyDelete)
		book(ctx, rows[0].ID, "reserved")
		DeferCleanup(func() { suite.clock.Advance(-32 * 24 * time.Hour) })
		suite.clock.Advance(32 * 24 * time.Hour)
		Expect(suite.client.Delete(ctx, c)).To(Succeed())
		Eventually(current(c)).WithContext(ctx).Should(fail("SlotsInUse", "1 reserved slots that have passed"))
		Consistently(slots(s)).WithContext(ctx).Should(ContainElement(HaveField("ID", rows[0].ID)))

		free(ctx, rows[0].ID)
		Eventually(gone(c)).WithContext(ctx).Should(Succeed())
	})

	It("of a Schedule marks held slots, so that they are never offered again", func(ctx SpecContext) {
		rows := setup(ctx, v1alpha1.DeletionPolicyRetain)
		book(ctx, rows[0].ID, "reserved")

		withdrawn := func() int64 {
			return sql(ctx, "SELECT FROM course.schedules WHERE id = $1 AND withdrawn_at IS NOT NULL", rows[0].ID)
		}

		update(ctx, s, func(s *v1alpha1.Schedule) { s.Spec.Suspend = true })
		Eventually(withdrawn).Should(BeEquivalentTo(1))
		update(ctx, s, func(s *v1alpha1.Schedule) { s.Spec.Suspend = false })
		Eventually(withdrawn).Should(BeZero())
		Expect(suite.client.Delete(ctx, s)).To(Succeed())
		Eventually(withdrawn).Should(BeEquivalentTo(1))

		sql(ctx, "DELETE FROM course.schedules WHERE id = $1", rows[0].ID) // as the course service does when the booking ends
		Eventually(gone(s)).WithContext(ctx).WithTimeout(5 * time.Second).Should(Succeed())
	})

	It("of a Schedule takes free slots with it, also those of the past", func(ctx SpecContext) {
		setup(ctx, v1alpha1.DeletionPolicyRetain)
		DeferCleanup(func() { suite.clock.Advance(-32 * 24 * time.Hour) })
		suite.clock.Advance(32 * 24 * time.Hour)
		Expect(suite.client.Delete(ctx, s)).To(Succeed())
		Eventually(gone(s)).WithContext(ctx).Should(Succeed())
		Expect(slots(s)(ctx)).To(BeEmpty())
	})

	It("of what was never applied needs no database", func(ctx SpecContext) {
		ns = namespace(ctx)

		suite.operator.stop()
		DeferCleanup(restartOperator)

		c = course(ns, unique("piano"))
		create(ctx, c)
		Expect(suite.client.Delete(ctx, c)).To(Succeed())
		Expect(gone(c)(ctx)).To(Succeed(), "without a finalizer nothing waits for the operator")
	})
})

var _ = Describe("Names", func() {
	It("belong to the first Course; a later one waits and takes over by itself", func(ctx SpecContext) {
		name := unique("piano")
		first, second := course(namespace(ctx), name), course(namespace(ctx), name)
		create(ctx, first)
		Eventually(current(first)).WithContext(ctx).Should(beReady())
		create(ctx, second)
		s := schedule(second.Namespace, "waiting", name, oneOffs("2027-02-01T10:00"))
		create(ctx, s)
		Eventually(current(second)).WithContext(ctx).Should(fail("NameConflict", first.Namespace+"/"+name))
		Eventually(eventsOf(second)).WithContext(ctx).Should(ContainElement("NameConflict"))
		Eventually(current(s)).WithContext(ctx).Should(fail("CourseNotFound", "is not in the catalogue yet"))
		update(ctx, first, func(c *v1alpha1.Course) { c.Spec.Title = "Changed" })
		Eventually(current(first)).WithContext(ctx).Should(beReady())
		Expect(titleOf(ctx, first)).To(Equal("Changed"))

		Expect(suite.client.Delete(ctx, first)).To(Succeed())
		Eventually(current(second)).WithContext(ctx).WithTimeout(5 * time.Second).Should(beReady())
		Eventually(current(s)).WithContext(ctx).WithTimeout(5 * time.Second).Should(beReady())
		Expect(titleOf(ctx, second)).To(Equal("Piano for beginners"))
	})

	It("belong to one of two Courses that come at once, whichever it is", func(ctx SpecContext) {
		name := unique("piano")

		suite.operator.stop()
		DeferCleanup(restartOperator)

		both := []*v1alpha1.Course{course(namespace(ctx), name), course(namespace(ctx), name)}
		for _, c := range both {
			create(ctx, c)
		}

		restartOperator()
		Eventually(func(g Gomega) {
			reasons := map[string]int{}
			for _, c := range both {
				_, err := current(c)(ctx)
				g.Expect(err).NotTo(HaveOccurred())

				for _, condition := range c.Status.Conditions {
					reasons[condition.Reason]++
				}
			}

			g.Expect(reasons).To(Equal(map[string]int{"Applied": 2, "NameConflict": 2}))
		}).Should(Succeed())
		Expect(suite.client.Delete(ctx, both[0])).To(Succeed())
		Eventually(current(both[1])).WithContext(ctx).Should(beReady())
	})

	It("of entries whose Course does not exist any more are taken over with their ids", func(ctx SpecContext) {
		name, id := unique("piano"), uuid.New()
		sql(ctx, `INSERT INTO course.courses (id, name, title, instrument, level, price_category, resource_namespace, resource_uid, resource_generation)
			VALUES ($2, $1, 'Foreign', 'piano', 'beginner', 'low', 'elsewhere', 'unknown', 7)`, name, id)
		c := course(namespace(ctx), name)
		create(ctx, c)

		Eventually(current(c)).WithContext(ctx).Should(And(beReady(), HaveField("Status.CourseID", id.String())))
		Expect(titleOf(ctx, c)).To(Equal("Piano for beginners"))
		Eventually(eventsOf(c)).WithContext(ctx).Should(ContainElement("Adopted"))
	})
})

var _ = Describe("The database", func() {
	It("may go and come back: conditions say so, and everything recovers by itself", func(ctx SpecContext) {
		ns := namespace(ctx)
		c := course(ns, unique("piano"))
		s := schedule(ns, "lessons", c.Name, oneOffs("2027-02-01T10:00"))
		create(ctx, c)
		create(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(beReady())

		DeferCleanup(suite.proxy.mend)
		suite.proxy.cut()
		Eventually(current(c)).WithContext(ctx).Should(fail("DatabaseUnavailable", "cannot be reached; the operator tries again"))
		Eventually(current(s)).WithContext(ctx).Should(And(fail("DatabaseUnavailable", ""), count(1, 0, 0)))
		Eventually(eventsOf(c)).WithContext(ctx).Should(ContainElement("DatabaseUnavailable"))

		late := course(ns, unique("drum"))
		create(ctx, late)
		update(ctx, s, func(s *v1alpha1.Schedule) { oneOffs("2027-02-02T10:00")(s) })
		Eventually(current(late)).WithContext(ctx).Should(fail("DatabaseUnavailable", ""))
		sql(ctx, "DELETE FROM course.schedules WHERE resource_uid = $1", string(s.UID))

		suite.proxy.mend()
		Eventually(current(c)).WithContext(ctx).WithTimeout(5 * time.Second).Should(beReady())
		Eventually(current(late)).WithContext(ctx).WithTimeout(5 * time.Second).Should(beReady())
		Eventually(current(s)).WithContext(ctx).WithTimeout(5 * time.Second).Should(And(beReady(), count(2, 0, 0)))
	})

	It("may refuse: the condition says what it said", func(ctx SpecContext) {
		sql(ctx, "REVOKE SELECT ON course.courses FROM catalog_operator")
		restore := func(ctx context.Context) { sql(ctx, "GRANT SELECT ON course.courses TO catalog_operator") }
		DeferCleanup(func(ctx SpecContext) { restore(ctx) })
		c := course(namespace(ctx), unique("piano"))
		create(ctx, c)
		Eventually(current(c)).WithContext(ctx).Should(fail("DatabaseUnavailable", "permission denied for table courses"))
		restore(ctx)
		Eventually(current(c)).WithContext(ctx).WithTimeout(5 * time.Second).Should(beReady())
	})
})
