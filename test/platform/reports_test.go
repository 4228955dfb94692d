package platform_test

import (
	"context"
	"net/url"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// became is a row of the report of bookings.
type became struct {
	Key       string   `json:"key"`
	Created   int      `json:"created"`
	Confirmed int      `json:"confirmed"`
	Rejected  int      `json:"rejected"`
	Expired   int      `json:"expired"`
	Cancelled int      `json:"cancelled"`
	Median    *float64 `json:"median_hours_to_decision"`
}

// occupied is a row of the report of slots.
type occupied struct {
	Key      string `json:"key"`
	Slots    int    `json:"slots"`
	Reserved int    `json:"reserved"`
	Booked   int    `json:"booked"`
}

const (
	bookingsReport  = "/api/admin/reports/bookings"
	occupancyReport = "/api/admin/reports/occupancy"
)

// report reads the rows of a report; bounds are RFC 3339, or empty.
func report[Row any](path, by, from, to string) []Row {
	GinkgoHelper()

	query := url.Values{"by": {by}}
	for name, value := range map[string]string{"from": from, "to": to} {
		if value != "" {
			query.Set(name, value)
		}
	}

	return read[struct{ Items []Row }](admin().Get(path+"?"+query.Encode()), 200).Items
}

// bookedAt says that a booking was made, and decided that long after, at another time.
func bookedAt(b client.Booking, created time.Time, decided time.Duration) {
	GinkgoHelper()

	_, err := platform.DB.Exec(context.Background(), `UPDATE booking.bookings SET created_at = $2::timestamptz, expires_at = $2::timestamptz + interval '72 hours',
		decided_at = CASE WHEN decided_at IS NOT NULL THEN $2::timestamptz + make_interval(secs => $3) END,
		confirmed_at = CASE WHEN confirmed_at IS NOT NULL THEN $2::timestamptz + make_interval(secs => $3) END WHERE id = $1`,
		b.ID, created, decided.Seconds())
	Expect(err).NotTo(HaveOccurred())
}

// overdue ends a booking's time for a decision.
func overdue(b client.Booking) {
	GinkgoHelper()

	_, err := platform.DB.Exec(context.Background(), `UPDATE booking.bookings
		SET created_at = now() - interval '72 hours 1 second', expires_at = now() - interval '1 second' WHERE id = $1`, b.ID)
	Expect(err).NotTo(HaveOccurred())
}

// letters turns a name into one word without digits, as instruments are.
func letters(name string) string {
	return strings.NewReplacer("-", "", "0", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8", "i", "9", "j").
		Replace(name)
}

// ofItsOwn applies a course with an instrument and a teacher that no other has, and slots that begin at start.
func ofItsOwn(start time.Time, count int) lessons {
	GinkgoHelper()

	name := platform.Catalogue.Name("laporan")
	Expect(platform.Catalogue.Create(context.Background(),
		catalogue.Course(name, func(s *v1alpha1.CourseSpec) { s.Instrument, s.Teacher = letters(name), "Guru "+name }),
		catalogue.Schedule(name, name, start, count))).To(Succeed())

	return visible(name, count)
}

var _ = Describe("The report of bookings", acrossReplicas, func() {
	It("counts by day, week, month, course and instrument what became of each, as the school's calendar has it", func() {
		l, p := ofItsOwn(catalogue.Start(), 6), students(7)

		// Sunday evening in UTC, Monday morning in Jakarta, in the first ISO week of the year; no other booking is of that time.
		monday := time.Date(2019, 12, 29, 23, 30, 0, 0, time.UTC)
		sunday, nextMonth := monday.Add(-time.Hour*10), monday.AddDate(0, 0, 2)

		first := confirmed(p[0], l, 0, 1)
		bookedAt(first, monday, 2*time.Hour)
		bookedAt(confirmed(p[1], l, 1, 2), monday, 5*time.Hour)

		rejected := booked(p[2], l, 2, 3)
		Expect(admin().Reject(rejected.ID, "")).To(succeed(200))
		bookedAt(rejected, sunday, 9*time.Hour+15*time.Second)

		expired := booked(p[3], l, 2, 3)
		overdue(expired)
		Expect(admin().Reject(expired.ID, "")).To(beRefused(409, "BOOKING_EXPIRED"))
		Eventually(func() string { return state(p[3], expired.ID) }).WithTimeout(65 * time.Second).Should(Equal("rejected expired"))
		bookedAt(expired, monday, 0)

		cancelled := booked(p[4], l, 2, 3)
		Expect(p[4].Cancel(cancelled.ID)).To(succeed(200))
		bookedAt(cancelled, nextMonth, time.Hour)

		revoked := confirmed(p[5], l, 2, 3)
		Expect(admin().Revoke(revoked.ID, "ill")).To(succeed(200))
		bookedAt(revoked, nextMonth, time.Hour)

		from, to := sunday.Format(time.RFC3339), nextMonth.Add(time.Second).Format(time.RFC3339)

		for by, want := range map[string][]became{
			"day": {
				{Key: "2019-12-29", Created: 1, Rejected: 1, Median: new(9.0)},
				{Key: "2019-12-30", Created: 3, Confirmed: 2, Expired: 1, Median: new(3.5)},
				{Key: "2020-01-01", Created: 2, Cancelled: 2},
			},
			"week": {
				{Key: "2019-W52", Created: 1, Rejected: 1, Median: new(9.0)},
				{Key: "2020-W01", Created: 5, Confirmed: 2, Expired: 1, Cancelled: 2, Median: new(3.5)},
			},
			"month": {
				{Key: "2019-12", Created: 4, Confirmed: 2, Rejected: 1, Expired: 1, Median: new(5.0)},
				{Key: "2020-01", Created: 2, Cancelled: 2},
			},
			"course":     {{Key: l.Name, Created: 6, Confirmed: 2, Rejected: 1, Expired: 1, Cancelled: 2, Median: new(5.0)}},
			"instrument": {{Key: l.Instrument, Created: 6, Confirmed: 2, Rejected: 1, Expired: 1, Cancelled: 2, Median: new(5.0)}},
		} {
			Expect(report[became](bookingsReport, by, from, to)).To(Equal(want), by)
		}

		Expect(report[became](bookingsReport, "course", from, nextMonth.Format(time.RFC3339))).
			To(ConsistOf(HaveField("Created", 4)), "to is exclusive")
		Expect(report[became](bookingsReport, "course", monday.Format(time.RFC3339), to)).
			To(ConsistOf(HaveField("Created", 5)), "from is inclusive")

		By("a booking that waits is counted as made, and the last 90 days are those of no bounds")

		booked(p[6], l, 3, 4)
		Expect(report[became](bookingsReport, "course", "", "")).To(ContainElement(became{Key: l.Name, Created: 1}))

		By("what is decided counts at once")
		Expect(admin().Revoke(first.ID, "ill")).To(succeed(200))
		Expect(report[became](bookingsReport, "course", from, to)).To(ConsistOf(
			became{Key: l.Name, Created: 6, Confirmed: 1, Rejected: 1, Expired: 1, Cancelled: 3, Median: new(7.0)}))
	})
})

var _ = Describe("The report of slots", acrossReplicas, func() {
	It("counts by course, teacher and hour of the week how many are held", func() {
		// A Monday so far away that no other spec has slots there.
		monday := time.Date(2031, 1, 6, 22, 0, 0, 0, catalogue.Jakarta)
		l, p := ofItsOwn(monday, 4), students(2)
		confirmed(p[0], l, 0, 1)
		booked(p[1], l, 1, 2)

		from, to := monday.UTC().Format(time.RFC3339), monday.Add(4*time.Hour).UTC().Format(time.RFC3339)
		for by, want := range map[string][]occupied{
			"course":  {{Key: l.Name, Slots: 4, Reserved: 2, Booked: 1}},
			"teacher": {{Key: "Guru " + l.Name, Slots: 4, Reserved: 2, Booked: 1}},
			"weekday_hour": {
				{Key: "monday 22", Slots: 1, Booked: 1},
				{Key: "monday 23", Slots: 1, Reserved: 1},
				{Key: "tuesday 0", Slots: 1, Reserved: 1},
				{Key: "tuesday 1", Slots: 1},
			},
		} {
			Expect(report[occupied](occupancyReport, by, from, to)).To(Equal(want), by)
		}

		last := monday.Add(3 * time.Hour).Format(time.RFC3339)
		Expect(report[occupied](occupancyReport, "course", from, last)).To(ConsistOf(HaveField("Slots", 3)), "to is exclusive")
		Expect(report[occupied](occupancyReport, "course", last, to)).To(ConsistOf(HaveField("Slots", 1)), "from is inclusive")
		Expect(report[occupied](occupancyReport, "course", "", "")).To(ContainElement(occupied{Key: l.Name, Slots: 4, Reserved: 2, Booked: 1}),
			"without an end, all that is ahead")
	})
})

var _ = Describe("Reports", func() {
	It("are for admins, and name what is wrong with a question", func() {
		for path, by := range map[string]string{bookingsReport: "teacher", occupancyReport: "day"} {
			Expect(stranger().Get(path)).To(beRefused(401, "AUTH_MISSING_TOKEN"))
			Expect(student().Get(path)).To(beRefused(403, "AUTH_FORBIDDEN"))
			Expect(withRole("teacher").Get(path)).To(beRefused(403, "AUTH_FORBIDDEN"))

			for query, field := range map[string]string{
				"by=" + by: "by", "by=": "by", "by=DAY": "by", "from=yesterday": "from", "to=2027-01-04": "to", "zone=UTC": "zone",
				"from=2027-01-04T00:00:01Z&to=2027-01-04T00:00:00Z":        "to",
				"from=2027-01-04T00:00:00Z&to=2027-01-04T00:00:00%2B07:00": "to",
			} {
				refused := admin().Get(path + "?" + query)
				Expect(refused).To(beRefused(400, "VALIDATION_FAILED"))
				Expect(refused.Fields()).To(HaveKey(field), query)
			}

			for _, query := range []string{"from=1066-01-01T00:00:00Z&to=1067-01-01T00:00:00Z", "from=2019-03-01T00:00:00Z&to=2019-03-01T00:00:00Z"} {
				Expect(string(admin().Get(path+"?"+query).Body)).To(MatchJSON(`{"items": []}`), "no time, no rows")
			}
		}
	})
})
