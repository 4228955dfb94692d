package platform_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Catalogue reads", func() {
	It("filters courses and finds one by id and by name", func() {
		name := platform.Catalogue.Name("saring")
		instrument := "sasando"
		Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name, func(s *v1alpha1.CourseSpec) {
			s.Title, s.Instrument, s.Level, s.PriceCategory = "Sasando di Caf\u00e9 "+name, instrument, "advanced", "high"
		}))).To(Succeed())

		c := stranger()
		find := func(query string) func() ([]client.Course, error) {
			return func() ([]client.Course, error) { return client.Walk[client.Course](c, "/api/courses?limit=100&"+query) }
		}
		all := "instrument=sasando&level=advanced&price_category=high&q=" + url.QueryEscape(name[len(name)-4:])
		Eventually(find(all)).WithTimeout(3 * time.Second).Should(ConsistOf(HaveField("Name", name)))
		Expect(find("instrument=sasando&level=beginner")()).NotTo(ContainElement(HaveField("Name", name)))
		Expect(find("q=%25")()).NotTo(ContainElement(HaveField("Name", name)), "wildcards are letters")
		Expect(find("q="+url.QueryEscape("CAFE\u0301 "+name))()).To(ConsistOf(HaveField("Name", name)), "an accent may be typed in two ways")

		byName := read[client.Course](c.Get("/api/courses/"+name), 200)
		Expect(read[client.Course](c.Get("/api/courses/"+byName.ID), 200)).To(Equal(byName))
		Expect(c.Get("/api/courses/tidak-ada")).To(beRefused(404, "COURSE_NOT_FOUND"))
		Expect(read[client.Count](admin().Get("/api/courses/stats"), 200).Count).To(BeNumerically(">=", 1))
	})

	It("walks titles of any letters, with every cursor that it hands out, in the order that people expect", func() {
		instrument := platform.Catalogue.Name("alat")
		titles := []string{"apel", strings.Repeat("&", 119), "Zebra", "Ébène", strings.Repeat("語", 112), strings.Repeat("😀", 84)}

		for _, title := range titles {
			Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(platform.Catalogue.Name("huruf"),
				func(s *v1alpha1.CourseSpec) { s.Title, s.Instrument = title, instrument }))).To(Succeed())
		}

		var walked []string

		Eventually(func(g Gomega) {
			found, err := client.Walk[client.Course](stranger(), "/api/courses?limit=1&instrument="+instrument)
			g.Expect(err).NotTo(HaveOccurred())

			walked = nil
			for _, c := range found {
				walked = append(walked, c.Title)
			}

			g.Expect(walked).To(ConsistOf(titles))
		}).WithTimeout(5 * time.Second).Should(Succeed())

		letters := slices.DeleteFunc(walked, func(title string) bool { return len(title) > 10 })
		Expect(letters).To(Equal([]string{"apel", "Ébène", "Zebra"}))
	})

	It("walks a list with a cursor, without holes and doubles, sorted by time", func() {
		l := course(11)
		c := stranger()
		small, err := client.Walk[client.Slot](c, "/api/schedules/available?limit=3&course_id="+l.ID)
		Expect(err).NotTo(HaveOccurred())
		Expect(small).To(Equal(l.Slots))
		Expect(slices.IsSortedFunc(small, func(a, b client.Slot) int { return a.StartsAt.Compare(b.StartsAt) })).To(BeTrue())

		everything, err := client.Walk[client.Slot](c, "/api/schedules/available?limit=100")
		Expect(err).NotTo(HaveOccurred())

		for _, slot := range l.Slots {
			Expect(everything).To(ContainElement(slot))
		}

		Expect(read[client.Page[client.Slot]](c.Get("/api/schedules/available"), 200).Items).To(HaveLen(min(20, len(everything))))
	})

	It("shows all slots to admins and teachers, by status and time", func() {
		l := course(4)
		p := student()
		b := booked(p, l, 0, 1)
		Expect(admin().Confirm(b.ID, l.Slots[0].ID)).To(succeed(200))

		get := func(query string) []client.Slot {
			return read[client.Page[client.Slot]](admin().Get("/api/schedules?course_id="+l.ID+query), 200).Items
		}
		Expect(get("")).To(HaveLen(4))
		Expect(get("&status=booked")).To(ConsistOf(HaveField("ID", l.Slots[0].ID)))
		Expect(get("&status=available")).To(HaveLen(3))

		from, to := url.QueryEscape(l.Slots[1].StartsAt.Format(time.RFC3339)), url.QueryEscape(l.Slots[3].StartsAt.Format(time.RFC3339))
		Expect(len(get("&from=" + from + "&to=" + to))).To(BeNumerically("~", 2, 1))
		Expect(p.Get("/api/schedules")).To(beRefused(403, "AUTH_FORBIDDEN"))
	})

	DescribeTable("answer 304 to those who have it already, and a new tag after a change", func(reader func() *client.Client, path string) {
		l := course(3)
		path += l.ID
		c := reader()
		a := c.Get(path)
		Expect(a).To(succeed(200))

		tag := a.Header.Get("ETag")
		Expect(tag).To(MatchRegexp(`^(W/)?".+"$`))
		Expect(a.Header.Get("Cache-Control")).NotTo(BeEmpty())

		for _, known := range []string{tag, `"other", ` + tag, "*"} {
			same := c.Get(path, client.Header("If-None-Match", known))
			Expect(same).To(succeed(304))
			Expect(same.Body).To(BeEmpty())
			Expect(same.Header.Get("ETag")).To(Equal(tag))
		}

		Expect(c.Get(path, client.Header("If-None-Match", `"other"`))).To(succeed(200))
		Expect(catalogue.Edit(context.Background(), platform.Catalogue, l.Name, &v1alpha1.Course{},
			func(c *v1alpha1.Course) { c.Spec.Title = "Piano baru" })).To(Succeed())

		booked(student(), l, 0, 1)
		Eventually(func() client.Answer { return c.Get(path, client.Header("If-None-Match", tag)) }).
			WithTimeout(2 * time.Second).Should(succeed(200))
	},
		Entry("a course", stranger, "/api/courses/"),
		Entry("free slots", stranger, "/api/schedules/available?course_id="),
		Entry("all slots", func() *client.Client { return admin().Client }, "/api/schedules?course_id="),
	)
})
