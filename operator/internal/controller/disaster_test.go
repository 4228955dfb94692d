package controller_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

var _ = Describe("After a disaster", func() {
	var (
		ns   string
		c    *v1alpha1.Course
		s    *v1alpha1.Schedule
		id   string
		rows []row
	)
	BeforeEach(func(ctx SpecContext) {
		ns = namespace(ctx)
		c = course(ns, unique("piano"))
		s = schedule(ns, "lessons", c.Name, oneOffs("2027-02-01T10:00", "2027-02-02T10:00", "2027-02-03T10:00"))
		create(ctx, c)
		create(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(beReady())
		Eventually(current(c)).WithContext(ctx).Should(count(3, 0, 0))

		id = c.Status.CourseID

		var err error

		rows, err = slots(s)(ctx)
		Expect(err).NotTo(HaveOccurred())
	})

	entry := func() int64 {
		return sql(context.Background(), "SELECT FROM course.courses WHERE id = $1 AND name = $2 AND archived_at IS NULL AND resource_uid = $3 AND title = $4",
			id, c.Name, string(c.UID), c.Spec.Title)
	}

	It("of the API server, rows of generations that it has lost are brought back, with events", func(ctx SpecContext) {
		sql(ctx, "UPDATE course.courses SET resource_generation = 99, title = 'Lost' WHERE id = $1", id)
		sql(ctx, "UPDATE course.schedules SET resource_generation = 98, ends_at = ends_at + interval '1 hour' WHERE resource_uid = $1", string(s.UID))

		Eventually(entry).Should(BeEquivalentTo(1))
		Eventually(slots(s)).WithContext(ctx).Should(Equal(rows))
		Eventually(eventsOf(c)).WithContext(ctx).Should(ContainElement("DriftCorrected"))
		Eventually(eventsOf(s)).WithContext(ctx).Should(ContainElement("DriftCorrected"))
		update(ctx, c, func(c *v1alpha1.Course) { c.Spec.Title = "Changed" })
		Eventually(current(c)).WithContext(ctx).Should(beReady())
		Expect(titleOf(ctx, c)).To(Equal("Changed"))
	})

	DescribeTable("of a hand in the table, an entry comes back with its id", func(ctx SpecContext, change string) {
		sql(ctx, "UPDATE course.courses SET "+change+" WHERE id = $1", id)

		Eventually(entry).Should(BeEquivalentTo(1))
		Eventually(eventsOf(c)).WithContext(ctx).Should(ContainElement("DriftCorrected"))
		Eventually(current(c)).WithContext(ctx).Should(And(beReady(), count(3, 0, 0)))
		Eventually(current(s)).WithContext(ctx).Should(And(beReady(), count(3, 0, 0)))
		Expect(slots(s)(ctx)).To(Equal(rows))
	},
		Entry("whose name was changed", "name = 'renamed-' || name"),
		Entry("whose uid was changed", "resource_uid = 'another'"),
		Entry("whose uid and namespace were changed", "resource_uid = 'another', resource_namespace = 'elsewhere'"),
		Entry("that was archived", "archived_at = now()"),
		Entry("whose packages are no list", `packages = '{"a": 1}'`),
	)

	It("two entries with each other's names get their own back", func(ctx SpecContext) {
		other := course(ns, unique("drum"), func(c *v1alpha1.Course) { c.Spec.Title = "Drum" })
		create(ctx, other)
		Eventually(current(other)).WithContext(ctx).Should(beReady())
		sql(ctx, "UPDATE course.courses SET name = 'swap' WHERE name = $1", c.Name)
		sql(ctx, "UPDATE course.courses SET name = $1 WHERE name = $2", c.Name, other.Name)
		sql(ctx, "UPDATE course.courses SET name = $1 WHERE name = 'swap'", other.Name)

		Eventually(entry).Should(BeEquivalentTo(1))
		Eventually(func() int64 {
			return sql(ctx, "SELECT FROM course.courses WHERE id = $1 AND name = $2 AND title = 'Drum'", other.Status.CourseID, other.Name)
		}).Should(BeEquivalentTo(1))
		Eventually(current(other)).WithContext(ctx).Should(beReady())
	})

	It("of the whole cluster, the same files find their entries and slots again, ids and bookings included", func(ctx SpecContext) {
		book(ctx, rows[0].ID, "booked")
		suite.operator.stop()

		for _, object := range []client.Object{c, s} {
			lose(ctx, object)
		}

		again, lessons := course(ns, c.Name), schedule(ns, s.Name, c.Name, oneOffs("2027-02-01T10:00", "2027-02-02T10:00", "2027-02-04T10:00"))
		create(ctx, again)
		create(ctx, lessons)
		restartOperator()

		Eventually(current(again)).WithContext(ctx).Should(And(beReady(), HaveField("Status.CourseID", id)))
		Eventually(current(lessons)).WithContext(ctx).Should(And(beReady(), count(2, 0, 1)))
		Eventually(eventsOf(again)).WithContext(ctx).Should(ContainElement("Adopted"))
		Eventually(eventsOf(lessons)).WithContext(ctx).Should(ContainElement("Adopted"))
		after, err := slots(lessons)(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(after[0].ID).To(Equal(rows[0].ID))
		Expect(after[0].Status).To(Equal("booked"))
		Expect(after[1]).To(Equal(rows[1]))
		Expect(startsOf(after)).To(Equal([]string{"2027-02-01 03:00", "2027-02-02 03:00", "2027-02-04 03:00"}))

		version := catalogVersion(ctx)
		Consistently(func() int64 { return catalogVersion(ctx) }).WithTimeout(2*resync).Should(Equal(version), "it is done")
	})

	It("of the database, an older backup is brought up to date", func(ctx SpecContext) {
		suite.operator.stop()
		sql(ctx, "UPDATE course.courses SET resource_generation = 0, title = 'Old' WHERE id = $1", id)
		sql(ctx, "DELETE FROM course.schedules WHERE id = $1", rows[0].ID)
		sql(ctx, "UPDATE course.schedules SET resource_generation = 0, time_zone = 'UTC' WHERE id = $1", rows[1].ID)
		restartOperator()

		Eventually(entry).Should(BeEquivalentTo(1))
		Eventually(slots(s)).WithContext(ctx).Should(Equal(rows))
		Eventually(eventsOf(s)).WithContext(ctx).Should(ContainElement("DriftCorrected"))
	})
})

// lose takes a resource away as if there had never been an operator.
func lose(ctx context.Context, object client.Object) {
	GinkgoHelper()
	Eventually(func() error {
		if err := suite.client.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}

		object.SetFinalizers(nil)

		return suite.client.Update(ctx, object)
	}).Should(Succeed())
	Expect(suite.client.Delete(ctx, object)).To(Succeed())
	Eventually(gone(object)).WithContext(ctx).Should(Succeed())
}
