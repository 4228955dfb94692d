package controller_test

import (
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

var _ = Describe("Course", func() {
	var ns string
	BeforeEach(func(ctx SpecContext) { ns = namespace(ctx) })

	It("is in the catalogue within two seconds, with all its fields, an id and an event", func(ctx SpecContext) {
		c := course(ns, unique("piano"), func(c *v1alpha1.Course) {
			c.Spec.Description = "First steps at the keys"
			c.Spec.Price = &v1alpha1.Price{Amount: "350000", Currency: "IDR"}
			c.Spec.Teacher = "Ibu Sari"
			c.Spec.TeacherEmail = "sari@shema.music"
			c.Spec.ImageURL = "https://shema.music/piano.jpg"
			c.Spec.Packages = []v1alpha1.Package{
				{
					Name:    "bulanan",
					Title:   "Four lessons a month",
					Lessons: 4,
					Price:   &v1alpha1.Price{Amount: "1200000", Currency: "IDR"},
				},
				{Name: "coba", Title: "A first lesson", Lessons: 1},
			}
		})
		create(ctx, c)
		Eventually(func(g Gomega) {
			var (
				id   uuid.UUID
				line string
			)
			g.Expect(suite.service.QueryRow(ctx, `
				SELECT id, concat_ws('|', title, description, instrument, level, price_category, price, currency, teacher,
				       teacher_email, image_url, packages, available_days, published, archived_at, resource_namespace)
				FROM course.courses WHERE name = $1`, c.Name).Scan(&id, &line)).To(Succeed())
			g.Expect(line).To(Equal("Piano for beginners|First steps at the keys|piano|beginner|low|350000.00|IDR|Ibu Sari|sari@shema.music|" +
				"https://shema.music/piano.jpg|" + `[{"name": "bulanan", "price": "1200000", "title": "Four lessons a month", "lessons": 4, "currency": "IDR"}, ` +
				`{"name": "coba", "price": null, "title": "A first lesson", "lessons": 1, "currency": null}]|{monday,wednesday}|t|` + ns))
			g.Expect(id.Version()).To(Equal(uuid.Version(7)))
		}).WithTimeout(2 * time.Second).Should(Succeed())
		Eventually(current(c)).WithContext(ctx).Should(And(beReady(), count(0, 0, 0)))
		Expect(uuid.Parse(c.Status.CourseID)).Error().NotTo(HaveOccurred())
		Expect(c.Finalizers).To(ContainElement(v1alpha1.Finalizer))
		Eventually(eventsOf(c)).WithContext(ctx).Should(ContainElement("Applied"))
		Expect(announced(ctx, "Course", c.Name)).To(Equal(1))
	})

	It("starts with observedGeneration -1, so that no tool takes it for ready", func(ctx SpecContext) {
		suite.operator.stop()
		DeferCleanup(restartOperator)

		c := course(ns, unique("piano"))
		create(ctx, c)
		Expect(c.Status.ObservedGeneration).To(BeEquivalentTo(-1))
	})

	It("follows changes, and writes nothing when nothing changes", func(ctx SpecContext) {
		c := course(ns, unique("piano"))
		create(ctx, c)
		Eventually(current(c)).WithContext(ctx).Should(beReady())
		id := c.Status.CourseID
		update(ctx, c, func(c *v1alpha1.Course) { c.Spec.Title = "Piano II" })
		Eventually(current(c)).WithContext(ctx).Should(beReady())
		Expect(c.Status.CourseID).To(Equal(id))
		Expect(titleOf(ctx, c)).To(Equal("Piano II"))
		Expect(announced(ctx, "Course", c.Name)).To(Equal(2))

		update(ctx, c, func(c *v1alpha1.Course) { c.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
		Eventually(current(c)).WithContext(ctx).Should(beReady())
		version := catalogVersion(ctx)
		Consistently(func() int64 { return catalogVersion(ctx) }).WithTimeout(2 * resync).Should(Equal(version))
		Expect(announced(ctx, "Course", c.Name)).To(Equal(2), "the policy is nothing that students see")
	})

	It("is hidden while it is not published, and stays ready", func(ctx SpecContext) {
		c := course(ns, unique("piano"), func(c *v1alpha1.Course) { c.Spec.Published = new(false) })
		create(ctx, c)
		Eventually(current(c)).WithContext(ctx).Should(have("Ready", "True", "Applied", "hidden"))
		Expect(sql(ctx, "SELECT FROM course.courses WHERE name = $1 AND NOT published", c.Name)).To(BeEquivalentTo(1))
	})

	It("counts the slots of all its Schedules", func(ctx SpecContext) {
		c := course(ns, unique("piano"))
		create(ctx, c)
		first := schedule(ns, "first", c.Name, oneOffs("2027-02-01T10:00", "2027-02-02T10:00"))
		create(ctx, first)
		create(ctx, schedule(ns, "second", c.Name, oneOffs("2027-02-03T10:00")))
		Eventually(current(c)).WithContext(ctx).WithTimeout(5 * time.Second).Should(count(3, 0, 0))
		rows, err := slots(first)(ctx)
		Expect(err).NotTo(HaveOccurred())
		book(ctx, rows[0].ID, "booked")
		Eventually(current(c)).WithContext(ctx).WithTimeout(5 * time.Second).Should(count(2, 0, 1))
	})

	It("is put back when its entry was changed by hand", func(ctx SpecContext) {
		c := course(ns, unique("piano"))
		create(ctx, c)
		Eventually(current(c)).WithContext(ctx).Should(beReady())
		sql(ctx, "UPDATE course.courses SET title = 'Hacked', price = 1 WHERE name = $1", c.Name)
		Eventually(func() string { return titleOf(ctx, c) }).Should(Equal("Piano for beginners"))
		Eventually(eventsOf(c)).WithContext(ctx).Should(ContainElement("DriftCorrected"))
	})

	It("is put back with its id and its slots when its entry was deleted by hand", func(ctx SpecContext) {
		c := course(ns, unique("piano"))
		s := schedule(ns, "mondays", c.Name, oneOffs("2027-02-01T10:00"))
		create(ctx, c)
		create(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(beReady())
		Eventually(current(c)).WithContext(ctx).Should(count(1, 0, 0))
		before, err := slots(s)(ctx)
		Expect(err).NotTo(HaveOccurred())

		id := c.Status.CourseID
		sql(ctx, "DELETE FROM course.courses WHERE name = $1", c.Name)
		Eventually(slots(s)).WithContext(ctx).Should(Equal(before))
		Expect(sql(ctx, "SELECT FROM course.courses WHERE name = $1 AND id = $2", c.Name, id)).To(BeEquivalentTo(1))
		Eventually(eventsOf(c)).WithContext(ctx).Should(ContainElement("DriftCorrected"))
	})
})
