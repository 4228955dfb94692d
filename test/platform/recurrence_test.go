package platform_test

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// repeated describes a Schedule whose rule counts for four weeks from the day after tomorrow, and returns that day, too.
func repeated(name, course, rule string) (schedule *v1alpha1.Schedule, first time.Time) {
	const days = 4 * 7

	first = time.Now().In(catalogue.Jakarta).AddDate(0, 0, 2)

	schedule = catalogue.Schedule(name, course, first, 0)
	schedule.Spec.Recurrence = &v1alpha1.Recurrence{
		RRule:     rule,
		StartDate: v1alpha1.Date(first.Format(time.DateOnly)),
		Until:     v1alpha1.Date(first.AddDate(0, 0, days-1).Format(time.DateOnly)),
		StartTime: "16:00",
		Duration:  "45m",
	}

	return schedule, first
}

var _ = Describe("Rules of recurrence", func() {
	DescribeTable("give the days that RFC 5545 says", func(rule string, on func(day time.Time) bool) {
		name := platform.Catalogue.Name("aturan")
		schedule, first := repeated(name, name, rule)

		var days []string

		for i := range 4 * 7 {
			if day := first.AddDate(0, 0, i); on(day) {
				days = append(days, day.Format(time.DateOnly)+" 16:00")
			}
		}

		Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name), schedule)).To(Succeed())

		var offered []string
		for _, slot := range visible(name, len(days)).Slots {
			offered = append(offered, slot.StartsAt.In(catalogue.Jakarta).Format("2006-01-02 15:04"))
		}

		Expect(offered).To(Equal(days))
	},
		Entry("plain and numbered weekdays", "FREQ=MONTHLY;BYDAY=MO,1TU", func(day time.Time) bool {
			return day.Weekday() == time.Monday || day.Weekday() == time.Tuesday && day.Day() <= 7
		}),
		Entry("a weekday with and without a number", "FREQ=MONTHLY;BYDAY=1MO,MO", func(day time.Time) bool {
			return day.Weekday() == time.Monday
		}),
		Entry("the first of a week's days, also of the week in which it starts", "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", func(day time.Time) bool {
			return day.Weekday() == time.Monday
		}),
	)

	It("that never give a day hold nobody else up", func() {
		ctx, empty := context.Background(), platform.Catalogue.Name("kosong")
		Expect(platform.Catalogue.Create(ctx, catalogue.Course(empty))).To(Succeed())

		for i, rule := range []string{
			"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=31;BYDAY=MO",
			"FREQ=MONTHLY;BYDAY=6MO", "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
		} {
			schedule, _ := repeated(fmt.Sprintf("%s-%d", empty, i), empty, rule)
			schedule.Spec.Recurrence.Until = ""
			// Some of them are refused at once, which holds nobody up either.
			_ = platform.Catalogue.Create(ctx, schedule)
		}

		name := platform.Catalogue.Name("lancar")
		Expect(platform.Catalogue.Create(ctx, catalogue.Course(name), catalogue.Schedule(name, name, catalogue.Start(), 2))).To(Succeed())
		Eventually(func(g Gomega) {
			found, err := client.Decode[client.Course](stranger().Get("/api/courses/"+name), 200)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(client.Available(stranger(), found.ID)).To(HaveLen(2))
		}).WithTimeout(2 * time.Second).WithPolling(20 * time.Millisecond).Should(Succeed())
	})
})
