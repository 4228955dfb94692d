package controller_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

func courseWith(change func(*v1alpha1.CourseSpec)) client.Object {
	return course("default", "any", func(c *v1alpha1.Course) { change(&c.Spec) })
}

func scheduleWith(change func(*v1alpha1.ScheduleSpec)) client.Object {
	return schedule("default", "any", "any", oneOffs("2027-01-04T16:00"), func(s *v1alpha1.Schedule) { change(&s.Spec) })
}

func recurrenceWith(change func(*v1alpha1.Recurrence)) client.Object {
	return schedule("default", "any", "any", daily(8), func(s *v1alpha1.Schedule) { change(s.Spec.Recurrence) })
}

func rule(text string) client.Object {
	return recurrenceWith(func(r *v1alpha1.Recurrence) { r.RRule = text })
}

func slot(start, duration string) client.Object {
	return scheduleWith(func(s *v1alpha1.ScheduleSpec) {
		s.Slots = []v1alpha1.Slot{{Start: v1alpha1.LocalTime(start), Duration: v1alpha1.Duration(duration)}}
	})
}

func zone(name string) client.Object {
	return scheduleWith(func(s *v1alpha1.ScheduleSpec) { s.TimeZone = name })
}

func price(amount, currency string) client.Object {
	return courseWith(func(c *v1alpha1.CourseSpec) { c.Price = &v1alpha1.Price{Amount: amount, Currency: currency} })
}

func instrument(word string) client.Object {
	return courseWith(func(c *v1alpha1.CourseSpec) { c.Instrument = word })
}

func email(address string) client.Object {
	return courseWith(func(c *v1alpha1.CourseSpec) { c.TeacherEmail = address })
}

func image(address string) client.Object {
	return courseWith(func(c *v1alpha1.CourseSpec) { c.ImageURL = address })
}

func packages(list ...v1alpha1.Package) client.Object {
	return courseWith(func(c *v1alpha1.CourseSpec) { c.Packages = list })
}

func title(text string) client.Object {
	return courseWith(func(c *v1alpha1.CourseSpec) { c.Title = text })
}

func manyPackages(n int) []v1alpha1.Package {
	list := make([]v1alpha1.Package, n)
	for i := range list {
		list[i] = v1alpha1.Package{Name: fmt.Sprintf("package-%d", i), Title: "Lessons", Lessons: 1}
	}

	return list
}

var _ = Describe("The API server", func() {
	DescribeTable("refuses bad values with a message that names the field and the way out",
		func(ctx SpecContext, object client.Object, field, wayOut string) {
			err := suite.client.Create(ctx, object, client.DryRunAll)
			Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
			Expect(err).To(MatchError(And(ContainSubstring(field+":"), ContainSubstring(wayOut))))
		},
		Entry("an empty title", title(""), "spec.title", "at least 1 chars"),
		Entry("a title of 121 characters", title(strings.Repeat("t", 121)), "spec.title", "may not be more than 120"),
		Entry("a title with spaces around it", title(" Piano "), "spec.title", "must not begin or end with spaces; remove them"),
		Entry("a title with NUL", title("Pia\x00no"), "spec.title", "must not contain control characters"),
		Entry("a title with a line break", title("Pia\nno"), "spec.title", "must not contain control characters, line breaks"),
		Entry("a title that turns the direction", title("Pia\u202eno"), "spec.title", "characters that turn the direction of writing; remove them"),
		Entry("a title of invisible spaces", title("\u200b\u3164\u2800"), "spec.title", "must contain something that can be seen"),
		Entry("a description with a bell", courseWith(func(c *v1alpha1.CourseSpec) { c.Description = "Ding \x07" }),
			"spec.description", "must not contain control characters other than line breaks and tabs"),
		Entry("an invisible description", courseWith(func(c *v1alpha1.CourseSpec) { c.Description = " \u2060\n" }),
			"spec.description", "must contain something that can be seen"),
		Entry("a teacher with an escape", courseWith(func(c *v1alpha1.CourseSpec) { c.Teacher = "Ibu \x1b[31mSari" }),
			"spec.teacher", "must not contain control characters"),
		Entry("a teacher of one filler", courseWith(func(c *v1alpha1.CourseSpec) { c.Teacher = "\u3164" }), "spec.teacher", "must contain something that can be seen"),
		Entry("an address without host", email("sari"), "spec.teacherEmail", "must be an e-mail address, for example sari@shema.music"),
		Entry("an address with a name", email("Sari <sari@shema.music>"), "spec.teacherEmail", "must be an e-mail address"),
		Entry("an address with a line break", email("sari@shema.music\n"), "spec.teacherEmail", "must be an e-mail address"),
		Entry("a picture without https", image("http://shema.music/piano.jpg"), "spec.imageURL", "must be an address that begins with https://"),
		Entry("a picture with a script", image("javascript:alert(1)"), "spec.imageURL", "must be an address that begins with https://"),
		Entry("a picture with a space", image("https://shema.music/pia no.jpg"), "spec.imageURL", "has no spaces"),
		Entry("two packages with one name", packages(v1alpha1.Package{Name: "a", Title: "A", Lessons: 1}, v1alpha1.Package{Name: "a", Title: "B", Lessons: 2}),
			"spec.packages[1]", `Duplicate value: {"name":"a"}`),
		Entry("eleven packages", packages(manyPackages(11)...), "spec.packages", "must have at most 10 items"),
		Entry("a package without lessons", packages(v1alpha1.Package{Name: "a", Title: "A"}), "spec.packages[0].lessons", "should be greater than or equal to 1"),
		Entry("a package with a name of two words", packages(v1alpha1.Package{Name: "per month", Title: "A", Lessons: 1}),
			"spec.packages[0].name", "must be one lower-case word"),
		Entry("a package with an invisible title", packages(v1alpha1.Package{Name: "a", Title: "\u2060", Lessons: 1}), "spec.packages[0].title", "must contain something that can be seen"),
		Entry("a package with a price of words", packages(v1alpha1.Package{
			Name:    "a",
			Title:   "A",
			Lessons: 1,
			Price:   &v1alpha1.Price{Amount: "1 juta", Currency: "IDR"},
		}),
			"spec.packages[0].price.amount", "must be a decimal number"),
		Entry("an instrument in capitals", instrument("Piano"), "spec.instrument", "must be one lower-case word"),
		Entry("an instrument of two words", instrument("bass guitar"), "spec.instrument", "for example piano or bass-guitar"),
		Entry("no instrument", instrument(""), "spec.instrument", "must be one lower-case word"),
		Entry("an instrument of 41 letters", instrument(strings.Repeat("p", 41)), "spec.instrument", "may not be more than 40"),
		Entry("an unknown level", courseWith(func(c *v1alpha1.CourseSpec) { c.Level = "expert" }),
			"spec.level", `supported values: "beginner", "intermediate", "advanced"`),
		Entry("an unknown price category", courseWith(func(c *v1alpha1.CourseSpec) { c.PriceCategory = "cheap" }),
			"spec.priceCategory", `supported values: "low", "medium", "high"`),
		Entry("a price with separators", price("350.000,00", "IDR"), "spec.price.amount", `for example "350000" or "49.50"`),
		Entry("a negative price", price("-1", "IDR"), "spec.price.amount", "must be a decimal number"),
		Entry("a price with three decimals", price("1.234", "IDR"), "spec.price.amount", "at most 12 digits and two decimals"),
		Entry("a currency as people write it", price("350000", "Rp"), "spec.price.currency", "ISO 4217 code of three capital letters, for example IDR"),
		Entry("no days", courseWith(func(c *v1alpha1.CourseSpec) { c.AvailableDays = nil }), "spec.availableDays", "Required value"),
		Entry("an empty list of days", courseWith(func(c *v1alpha1.CourseSpec) { c.AvailableDays = []v1alpha1.Weekday{} }),
			"spec.availableDays", "should have at least 1 items"),
		Entry("a day twice", courseWith(func(c *v1alpha1.CourseSpec) { c.AvailableDays = []v1alpha1.Weekday{"monday", "monday"} }),
			"spec.availableDays", "must name each day once; remove the repeated day"),
		Entry("a day in capitals", courseWith(func(c *v1alpha1.CourseSpec) { c.AvailableDays = []v1alpha1.Weekday{"Monday"} }),
			"spec.availableDays[0]", `supported values: "monday"`),
		Entry("an unknown deletion policy", courseWith(func(c *v1alpha1.CourseSpec) { c.DeletionPolicy = "Orphan" }),
			"spec.deletionPolicy", `supported values: "Retain", "Delete"`),
		Entry("a course name that none can have", scheduleWith(func(s *v1alpha1.ScheduleSpec) { s.CourseRef.Name = "Piano!" }),
			"spec.courseRef.name", "must be the metadata.name of a Course in this namespace"),
		Entry("neither slots nor a rule", schedule("default", "any", "any"), "spec", "spec.slots or spec.recurrence must be given; list"),
		Entry("an empty list of slots", scheduleWith(func(s *v1alpha1.ScheduleSpec) { s.Slots = []v1alpha1.Slot{} }), "spec", "spec.slots or spec.recurrence must be given"),
		Entry("a zone with a typing error", zone("Asia/Jakrta"), "spec.timeZone", "must be the IANA name of a time zone, for example Asia/Jakarta"),
		Entry("an abbreviation that is no zone", zone("WIB"), "spec.timeZone", "must be the IANA name of a time zone"),
		Entry("an offset", zone("+07:00"), "spec.timeZone", "must be the IANA name of a time zone"),
		Entry("the zone of the machine", zone("Local"), "spec.timeZone", "must be the IANA name of a time zone"),
		Entry("two slots with one start", scheduleWith(func(s *v1alpha1.ScheduleSpec) { s.Slots = append(s.Slots, s.Slots[0]) }),
			"spec.slots[1]", `Duplicate value: {"start":"2027-01-04T16:00"}`),
		Entry("a start with a zone", slot("2027-01-04T16:00Z", "1h"), "spec.slots[0].start", "may not be more than 16"),
		Entry("a start with a space", slot("2027-01-04 16:00", "1h"), "spec.slots[0].start", "written YYYY-MM-DDTHH:MM, for example 2027-01-04T16:00; the zone comes from spec.timeZone"),
		Entry("a day that the month does not have", slot("2027-02-29T16:00", "1h"), "spec.slots[0].start", "must be a local time"),
		Entry("an hour that the day does not have", slot("2027-02-28T24:00", "1h"), "spec.slots[0].start", "must be a local time"),
		Entry("a lesson that is too short", slot("2027-01-04T16:00", "14m"), "spec.slots[0].duration", "must be between 15m and 8h, written in hours and minutes, for example 45m, 1h or 1h30m"),
		Entry("a lesson that is too long", slot("2027-01-04T16:00", "8h1m"), "spec.slots[0].duration", "must be between 15m and 8h"),
		Entry("a length without unit", slot("2027-01-04T16:00", "45"), "spec.slots[0].duration", "must be between 15m and 8h"),
		Entry("no length", slot("2027-01-04T16:00", ""), "spec.slots[0].duration", "must be between 15m and 8h"),
		Entry("a frequency that is not ours", rule("FREQ=YEARLY;BYDAY=MO"), "spec.recurrence.rrule", "must contain FREQ=DAILY, FREQ=WEEKLY or FREQ=MONTHLY, for example"),
		Entry("a rule without frequency", rule("BYDAY=MO"), "spec.recurrence.rrule", "must contain FREQ=DAILY"),
		Entry("an empty rule", rule(""), "spec.recurrence.rrule", "must contain FREQ=DAILY"),
		Entry("a rule with a time", rule("FREQ=DAILY;BYHOUR=9"), "spec.recurrence.rrule", "use startTime, startDate and until of spec.recurrence instead"),
		Entry("a rule with its own start", rule("FREQ=DAILY;DTSTART=20270101T000000Z"), "spec.recurrence.rrule", "use startTime, startDate and until"),
		Entry("an UNTIL of local time", rule("FREQ=DAILY;UNTIL=20270101T000000"), "spec.recurrence.rrule", "a time in UTC such as 20270630T090000Z"),
		Entry("COUNT with UNTIL", rule("FREQ=DAILY;COUNT=3;UNTIL=20270101"), "spec.recurrence.rrule", "COUNT and UNTIL must not be used together; remove one of them"),
		Entry("a date in a weekly rule", rule("FREQ=WEEKLY;BYMONTHDAY=3"), "spec.recurrence.rrule", "BYMONTHDAY must not be used with FREQ=WEEKLY"),
		Entry("a position of nothing", rule("FREQ=MONTHLY;BYSETPOS=1"), "spec.recurrence.rrule", "BYSETPOS needs BYDAY, BYMONTHDAY or BYMONTH"),
		Entry("a position beyond the year", rule("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367"), "spec.recurrence.rrule", "must be parts NAME=VALUE of RFC 5545"),
		Entry("a day of the year", rule("FREQ=MONTHLY;BYYEARDAY=100"), "spec.recurrence.rrule", "must not contain BYYEARDAY or BYWEEKNO"),
		Entry("numbered days in a daily rule", rule("FREQ=DAILY;BYDAY=MO,1SA"), "spec.recurrence.rrule", "need FREQ=MONTHLY"),
		Entry("a rule with an unknown day", rule("FREQ=WEEKLY;BYDAY=MON"), "spec.recurrence.rrule", "must be parts NAME=VALUE of RFC 5545"),
		Entry("a rule in small letters", rule("freq=weekly"), "spec.recurrence.rrule", "in capitals"),
		Entry("a rule with an empty part", rule("FREQ=WEEKLY;"), "spec.recurrence.rrule", "separated by semicolons"),
		Entry("a rule with a part twice", rule("FREQ=WEEKLY;BYDAY=MO;BYDAY=TU"), "spec.recurrence.rrule", "join repeated parts, for example BYDAY=MO,WE"),
		Entry("numbered days in a weekly rule", rule("FREQ=WEEKLY;BYDAY=1SA"), "spec.recurrence.rrule", "need FREQ=MONTHLY; remove the number or change the frequency"),
		Entry("a startDate as people write it", recurrenceWith(func(r *v1alpha1.Recurrence) { r.StartDate = "04/01/2027" }),
			"spec.recurrence.startDate", "written YYYY-MM-DD, for example 2027-01-04"),
		Entry("a startTime without minutes", recurrenceWith(func(r *v1alpha1.Recurrence) { r.StartTime = "16" }),
			"spec.recurrence.startTime", "written HH:MM, for example 16:00"),
		Entry("a startTime of 25 o'clock", recurrenceWith(func(r *v1alpha1.Recurrence) { r.StartTime = "25:00" }),
			"spec.recurrence.startTime", "between 00:00 and 23:59"),
		Entry("a recurring lesson that is too long", recurrenceWith(func(r *v1alpha1.Recurrence) { r.Duration = "9h" }),
			"spec.recurrence.duration", "must be between 15m and 8h"),
		Entry("an end before the beginning", recurrenceWith(func(r *v1alpha1.Recurrence) { r.Until = "2026-12-31" }),
			"spec.recurrence.until", "must not be before spec.recurrence.startDate; choose a later day or leave it out"),
		Entry("a horizon of 27 weeks", recurrenceWith(func(r *v1alpha1.Recurrence) { r.HorizonWeeks = 27 }),
			"spec.recurrence.horizonWeeks", "should be less than or equal to 26"),
		Entry("a negative horizon", recurrenceWith(func(r *v1alpha1.Recurrence) { r.HorizonWeeks = -1 }),
			"spec.recurrence.horizonWeeks", "should be greater than or equal to 1"),
		Entry("an exception that is no day", recurrenceWith(func(r *v1alpha1.Recurrence) { r.ExceptDates = []v1alpha1.Date{"2027-13-01"} }),
			"spec.recurrence.exceptDates[0]", "must be a day of the calendar"),
		Entry("an exception twice", recurrenceWith(func(r *v1alpha1.Recurrence) { r.ExceptDates = []v1alpha1.Date{"2027-03-22", "2027-03-22"} }),
			"spec.recurrence.exceptDates[1]", `Duplicate value: "2027-03-22"`),
	)

	DescribeTable("takes good values",
		func(ctx SpecContext, object client.Object) {
			Expect(suite.client.Create(ctx, object, client.DryRunAll)).To(Succeed())
		},
		Entry("a title of 120 characters that are no ASCII", title(strings.Repeat("é", 120))),
		Entry("a title in other scripts", title("ピアノ – संगीत 🎹 e\u0301")),
		Entry("a title of one sign", title("♪")),
		Entry("a description with paragraphs", courseWith(func(c *v1alpha1.CourseSpec) { c.Description = "One.\n\n\tTwo." })),
		Entry("ten packages", packages(manyPackages(10)...)),
		Entry("an address in other scripts", email("günther@müsik.example")),
		Entry("a picture with a port and a query", image("https://shema.music:8443/a%20b.jpg?size=2#x")),
		Entry("an instrument of one letter", instrument("p")),
		Entry("an instrument with a hyphen", instrument("bass-guitar")),
		Entry("a price of nothing", price("0", "IDR")),
		Entry("a price with decimals", price("49.50", "USD")),
		Entry("the largest price", price("999999999999.99", "IDR")),
		Entry("all days", courseWith(func(c *v1alpha1.CourseSpec) {
			c.AvailableDays = []v1alpha1.Weekday{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
		})),
		Entry("a zone with two slashes", zone("America/Argentina/Buenos_Aires")),
		Entry("UTC", zone("UTC")),
		Entry("a leap day", slot("2028-02-29T16:00", "1h")),
		Entry("the shortest lesson", slot("2027-01-04T16:00", "15m")),
		Entry("the longest lesson", slot("2027-01-04T16:00", "8h")),
		Entry("a lesson in minutes", slot("2027-01-04T16:00", "480m")),
		Entry("a lesson in hours and minutes", slot("2027-01-04T16:00", "1h30m")),
		Entry("a daily rule", rule("FREQ=DAILY")),
		Entry("a rule whose frequency is not first", rule("INTERVAL=2;FREQ=WEEKLY;WKST=SU;BYDAY=MO,WE")),
		Entry("a monthly rule with numbered days", rule("FREQ=MONTHLY;BYDAY=1SA,-1FR")),
		Entry("a monthly rule with all it may have", rule("FREQ=MONTHLY;INTERVAL=3;COUNT=10;BYMONTH=1,12;BYMONTHDAY=-1,15;BYDAY=MO,TU;BYSETPOS=-1")),
		Entry("a rule with its own last day", rule("FREQ=DAILY;UNTIL=20270630")),
		Entry("a rule with its own last moment", rule("FREQ=DAILY;UNTIL=20270630T090000Z")),
		Entry("numbered and plain days", rule("FREQ=MONTHLY;BYDAY=MO,+1TU,-1FR;BYMONTHDAY=+1,02,-31;BYMONTH=01,12")),
		Entry("a long interval", rule("FREQ=DAILY;INTERVAL=1000")),
		Entry("a position by month", rule("FREQ=DAILY;BYMONTH=1;BYSETPOS=+1")),
		Entry("an end on the first day", recurrenceWith(func(r *v1alpha1.Recurrence) { r.Until = r.StartDate })),
		Entry("a horizon of 26 weeks", recurrenceWith(func(r *v1alpha1.Recurrence) { r.HorizonWeeks = 26 })),
	)

	It("fills in the defaults", func(ctx SpecContext) {
		c := course("default", "any")
		Expect(suite.client.Create(ctx, c, client.DryRunAll)).To(Succeed())
		Expect(c.IsPublished()).To(BeTrue())
		Expect(c.Spec.DeletionPolicy).To(Equal(v1alpha1.DeletionPolicyRetain))

		s := schedule("default", "any", "any", daily(0))
		Expect(suite.client.Create(ctx, s, client.DryRunAll)).To(Succeed())
		Expect(s.Spec.TimeZone).To(Equal("Asia/Jakarta"))
		Expect(s.Spec.Recurrence.HorizonWeeks).To(BeEquivalentTo(8))
		Expect(s.Spec.Suspend).To(BeFalse())
		Expect(s.Status.ObservedGeneration).To(BeEquivalentTo(-1))
	})

	It("does not let a Schedule change its Course", func(ctx SpecContext) {
		s := schedule(namespace(ctx), "fixed", "piano", oneOffs("2027-01-04T16:00"))
		create(ctx, s)
		Eventually(func() error {
			if err := suite.client.Get(ctx, client.ObjectKeyFromObject(s), s); err != nil {
				return err
			}

			s.Spec.CourseRef.Name = "biola"

			return suite.client.Update(ctx, s)
		}).Should(MatchError(And(ContainSubstring("spec.courseRef:"),
			ContainSubstring("cannot be changed; delete this Schedule and create another one for the other course"))))
	})
})
