package schedule_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/schedule"
)

const uid = "1f9c7a52-0d0c-4c35-9c0b-0c7b0a3f8a11"

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}

	return t
}

// starts writes the starts of the slots in UTC.
func starts(slots []schedule.Slot) []string {
	texts := make([]string, len(slots))
	for i, slot := range slots {
		texts[i] = slot.Start.Format(time.RFC3339)
	}

	return texts
}

func oneOff(zone string, times ...string) v1alpha1.ScheduleSpec {
	spec := v1alpha1.ScheduleSpec{TimeZone: zone}
	for _, start := range times {
		spec.Slots = append(spec.Slots, v1alpha1.Slot{Start: v1alpha1.LocalTime(start), Duration: "1h"})
	}

	return spec
}

func recurring(zone, rule, date, clock string, change ...func(*v1alpha1.Recurrence)) v1alpha1.ScheduleSpec {
	r := &v1alpha1.Recurrence{
		RRule:        rule,
		StartDate:    v1alpha1.Date(date),
		StartTime:    v1alpha1.TimeOfDay(clock),
		Duration:     "45m",
		HorizonWeeks: 2,
	}
	for _, apply := range change {
		apply(r)
	}

	return v1alpha1.ScheduleSpec{TimeZone: zone, Recurrence: r}
}

func until(day string) func(*v1alpha1.Recurrence) {
	return func(r *v1alpha1.Recurrence) { r.Until = v1alpha1.Date(day) }
}

func leaveOut(days ...v1alpha1.Date) func(*v1alpha1.Recurrence) {
	return func(r *v1alpha1.Recurrence) { r.ExceptDates = days }
}

func weeks(n int32) func(*v1alpha1.Recurrence) {
	return func(r *v1alpha1.Recurrence) { r.HorizonWeeks = n }
}

func TestExpand_OneOffSlots(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason string
		spec   v1alpha1.ScheduleSpec
		now    string
		want   []string
	}{
		{"a local time is meant in the zone of the Schedule",
			oneOff("Asia/Jakarta", "2027-01-04T16:00"), "2027-01-01T00:00:00Z", []string{"2027-01-04T09:00:00Z"}},
		{"one-off slots do not obey the horizon",
			oneOff("Asia/Jakarta", "2029-05-01T08:00"), "2027-01-01T00:00:00Z", []string{"2029-05-01T01:00:00Z"}},
		{"what has begun or passed makes no slot; what begins now has begun",
			oneOff("UTC", "2027-01-04T15:00", "2027-01-04T16:00", "2027-01-04T16:01"), "2027-01-04T16:00:00Z", []string{"2027-01-04T16:01:00Z"}},
		{"slots come in the order of their starts",
			oneOff("UTC", "2027-01-05T10:00", "2027-01-04T10:00"), "2027-01-01T00:00:00Z", []string{"2027-01-04T10:00:00Z", "2027-01-05T10:00:00Z"}},
		{"Berlin skips 02:30 in spring: forward by the gap of an hour",
			oneOff("Europe/Berlin", "2027-03-28T02:30"), "2027-01-01T00:00:00Z", []string{"2027-03-28T01:30:00Z"}},
		{"the first skipped minute moves to the first that exists",
			oneOff("Europe/Berlin", "2027-03-28T02:00"), "2027-01-01T00:00:00Z", []string{"2027-03-28T01:00:00Z"}},
		{"just before and after the gap nothing moves",
			oneOff("Europe/Berlin", "2027-03-28T01:59", "2027-03-28T03:00"), "2027-01-01T00:00:00Z",
			[]string{"2027-03-28T00:59:00Z", "2027-03-28T01:00:00Z"}},
		{"Berlin has 02:30 twice in autumn: the first",
			oneOff("Europe/Berlin", "2027-10-31T02:30"), "2027-01-01T00:00:00Z", []string{"2027-10-31T00:30:00Z"}},
		{"the doubled hour begins at its first 02:00 and ends before 03:00",
			oneOff("Europe/Berlin", "2027-10-31T02:00", "2027-10-31T03:00"), "2027-01-01T00:00:00Z",
			[]string{"2027-10-31T00:00:00Z", "2027-10-31T02:00:00Z"}},
		{"New York skips 02:15",
			oneOff("America/New_York", "2027-03-14T02:15"), "2027-01-01T00:00:00Z", []string{"2027-03-14T07:15:00Z"}},
		{"New York has 01:30 twice: the first",
			oneOff("America/New_York", "2027-11-07T01:30"), "2027-01-01T00:00:00Z", []string{"2027-11-07T05:30:00Z"}},
		{"Lord Howe's clocks jump by half an hour only",
			oneOff("Australia/Lord_Howe", "2027-10-03T02:15"), "2027-01-01T00:00:00Z", []string{"2027-10-02T15:45:00Z"}},
		{"Lord Howe doubles half an hour: the first",
			oneOff("Australia/Lord_Howe", "2027-04-04T01:45"), "2027-01-01T00:00:00Z", []string{"2027-04-03T14:45:00Z"}},
		{"a skipped time and the time that it moves to are one slot",
			oneOff("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T03:30"), "2027-01-01T00:00:00Z", []string{"2027-03-28T01:30:00Z"}},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			plan, err := schedule.Expand(uid, &c.spec, at(c.now))

			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(starts(plan.Slots)).To(Equal(c.want), c.reason)
		})
	}
}

func TestExpand_Recurrence(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason string
		spec   v1alpha1.ScheduleSpec
		now    string
		want   []string
	}{
		{"a weekly rule fills two weeks, today and the last day included",
			recurring("Asia/Jakarta", "FREQ=WEEKLY;BYDAY=MO,WE", "2027-01-04", "16:00"), "2027-01-04T00:00:00Z",
			[]string{"2027-01-04T09:00:00Z", "2027-01-06T09:00:00Z", "2027-01-11T09:00:00Z", "2027-01-13T09:00:00Z", "2027-01-18T09:00:00Z"}},
		{"today's lesson is gone when it has begun",
			recurring("Asia/Jakarta", "FREQ=WEEKLY;BYDAY=MO", "2027-01-04", "16:00"), "2027-01-04T09:00:00Z",
			[]string{"2027-01-11T09:00:00Z", "2027-01-18T09:00:00Z"}},
		{"today is a day of the Schedule's zone: in Jakarta it is the 5th already",
			recurring("Asia/Jakarta", "FREQ=WEEKLY;BYDAY=TU", "2027-01-04", "16:00", weeks(1)), "2027-01-04T18:00:00Z",
			[]string{"2027-01-05T09:00:00Z", "2027-01-12T09:00:00Z"}},
		{"nothing before the startDate",
			recurring("UTC", "FREQ=DAILY", "2027-01-10", "10:00", weeks(1)), "2027-01-04T00:00:00Z",
			[]string{"2027-01-10T10:00:00Z", "2027-01-11T10:00:00Z"}},
		{"a startDate beyond the horizon makes no slots yet",
			recurring("UTC", "FREQ=DAILY", "2027-06-10", "10:00"), "2027-01-04T00:00:00Z", []string{}},
		{"until is inclusive",
			recurring("UTC", "FREQ=DAILY", "2027-01-04", "10:00", until("2027-01-06")), "2027-01-04T00:00:00Z",
			[]string{"2027-01-04T10:00:00Z", "2027-01-05T10:00:00Z", "2027-01-06T10:00:00Z"}},
		{"until means the local day, although it is the next one in UTC",
			recurring("America/New_York", "FREQ=DAILY", "2027-01-04", "20:00", until("2027-01-05")), "2027-01-04T00:00:00Z",
			[]string{"2027-01-05T01:00:00Z", "2027-01-06T01:00:00Z"}},
		{"a startDate that the rule does not include is no slot",
			recurring("UTC", "FREQ=WEEKLY;BYDAY=FR", "2027-01-04", "10:00", weeks(1)), "2027-01-04T00:00:00Z",
			[]string{"2027-01-08T10:00:00Z"}},
		{"exceptDates are left out",
			recurring("UTC", "FREQ=DAILY", "2027-01-04", "10:00", until("2027-01-07"), leaveOut("2027-01-05", "2027-01-07")), "2027-01-04T00:00:00Z",
			[]string{"2027-01-04T10:00:00Z", "2027-01-06T10:00:00Z"}},
		{"COUNT counts from the startDate, exceptions included",
			recurring("UTC", "FREQ=DAILY;COUNT=4", "2027-01-02", "10:00", leaveOut("2027-01-04")), "2027-01-04T00:00:00Z",
			[]string{"2027-01-05T10:00:00Z"}},
		{"INTERVAL counts from the startDate, however long ago",
			recurring("UTC", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-01-05", "10:00"), "2027-01-04T00:00:00Z",
			[]string{"2027-01-04T10:00:00Z", "2027-01-18T10:00:00Z"}},
		{"the first Saturday of the month",
			recurring("UTC", "FREQ=MONTHLY;BYDAY=1SA", "2027-01-01", "10:00", weeks(8)), "2027-01-01T00:00:00Z",
			[]string{"2027-01-02T10:00:00Z", "2027-02-06T10:00:00Z"}},
		{"the last working day of the month",
			recurring("UTC", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2027-01-01", "10:00", weeks(9)), "2027-01-01T00:00:00Z",
			[]string{"2027-01-29T10:00:00Z", "2027-02-26T10:00:00Z"}},
		{"the 31st leaves short months out",
			recurring("UTC", "FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-31", "10:00", weeks(13)), "2027-01-05T00:00:00Z",
			[]string{"2027-01-31T10:00:00Z", "2027-03-31T10:00:00Z"}},
		{"the local time stays when the clocks change",
			recurring("Europe/Berlin", "FREQ=WEEKLY;BYDAY=SA", "2027-03-01", "16:00", weeks(2)), "2027-03-20T00:00:00Z",
			[]string{"2027-03-20T15:00:00Z", "2027-03-27T15:00:00Z", "2027-04-03T14:00:00Z"}},
		{"a skipped local time moves on that day only",
			recurring("Europe/Berlin", "FREQ=DAILY", "2027-03-27", "02:30", until("2027-03-29")), "2027-03-26T00:00:00Z",
			[]string{"2027-03-27T01:30:00Z", "2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z"}},
		{"a skipped local time in New York", recurring("America/New_York", "FREQ=DAILY", "2027-03-13", "02:30", until("2027-03-15")), "2027-03-12T00:00:00Z",
			[]string{"2027-03-13T07:30:00Z", "2027-03-14T07:30:00Z", "2027-03-15T06:30:00Z"}},
		{"a doubled local time is one slot, the first",
			recurring("Australia/Lord_Howe", "FREQ=DAILY", "2027-04-03", "01:45", until("2027-04-05")), "2027-04-01T00:00:00Z",
			[]string{"2027-04-02T14:45:00Z", "2027-04-03T14:45:00Z", "2027-04-04T15:15:00Z"}},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			plan, err := schedule.Expand(uid, &c.spec, at(c.now))

			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(starts(plan.Slots)).To(Equal(c.want), c.reason)
		})
	}
}

func TestExpand_Invalid(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason string
		spec   v1alpha1.ScheduleSpec
		want   string
	}{
		{"a zone that does not exist", oneOff("Asia/Jakrta", "2027-01-04T16:00"), `spec.timeZone must be the IANA name of a time zone, for example Asia/Jakarta; "Asia/Jakrta" is not one`},
		{"the zone of the machine is none of the school's", oneOff("Local", "2027-01-04T16:00"), "spec.timeZone must be"},
		{"a rule that can't be read", recurring("UTC", "FREQ=WEEKLY;BYDAY=XX", "2027-01-04", "16:00"), "spec.recurrence.rrule is not an RFC 5545 rule"},
		{"a frequency that is not ours", recurring("UTC", "FREQ=HOURLY", "2027-01-04", "16:00"), "must have the frequency DAILY, WEEKLY or MONTHLY"},
		{"a day that no month has", recurring("UTC", "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "2027-01-04", "16:00"), "spec.recurrence.rrule never gives a day"},
		{"a sixth Monday", recurring("UTC", "FREQ=MONTHLY;BYDAY=6MO", "2027-01-04", "16:00"), "never gives a day"},
		{"a rule that ends before it begins", recurring("UTC", "FREQ=WEEKLY;BYDAY=SU", "2027-01-04", "16:00", until("2027-01-08")), "spec.recurrence.until is before the first day of the rule, 2027-01-10"},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			_, err := schedule.Expand(uid, &c.spec, at("2027-01-01T00:00:00Z"))

			g.Expect(err).To(MatchError(ContainSubstring(c.want)), c.reason)
			g.Expect(err).To(BeAssignableToTypeOf(&schedule.InvalidError{}))
		})
	}
}

func TestExpand_Plan(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	spec := recurring("Asia/Jakarta", "FREQ=WEEKLY;BYDAY=MO", "2027-01-04", "16:00")
	spec.Slots = []v1alpha1.Slot{{Start: "2027-01-04T16:00", Duration: "1h30m"}}

	plan, err := schedule.Expand(uid, &spec, at("2027-01-01T00:00:00Z"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(plan.Until).To(Equal("2027-01-15"), "two weeks after today")
	g.Expect(starts(plan.Slots)).To(Equal([]string{"2027-01-04T09:00:00Z", "2027-01-11T09:00:00Z"}))
	g.Expect(plan.Slots[0].End).To(Equal(at("2027-01-04T10:30:00Z")), "where both give the same start, the one-off slot counts")
	g.Expect(plan.Slots[0].OneOff).To(BeTrue())
	g.Expect(plan.Slots[1].End.Sub(plan.Slots[1].Start)).To(Equal(45 * time.Minute))

	spec.Suspend = true
	plan, err = schedule.Expand(uid, &spec, at("2027-01-01T00:00:00Z"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(plan.Slots).To(BeEmpty(), "a suspended Schedule asks for nothing")
}

func TestExpand_HorizonRolls(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	spec := recurring("Asia/Jakarta", "FREQ=DAILY", "2027-01-01", "16:00", weeks(1))

	before, err := schedule.Expand(uid, &spec, at("2027-01-04T16:59:59Z"))
	g.Expect(err).NotTo(HaveOccurred())
	after, err := schedule.Expand(uid, &spec, at("2027-01-04T17:00:00Z"))
	g.Expect(err).NotTo(HaveOccurred())

	g.Expect(before.Until).To(Equal("2027-01-11"))
	g.Expect(after.Until).To(Equal("2027-01-12"), "it is midnight in Jakarta")
	g.Expect(after.Slots).To(HaveLen(len(before.Slots) + 1))
	g.Expect(after.Slots[:len(before.Slots)]).To(Equal(before.Slots), "slots that exist keep their ids")
}

func TestSlotID(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	start := at("2027-01-04T09:00:00Z")

	id := schedule.SlotID(uid, start)

	g.Expect(id.Version()).To(Equal(uuid.Version(5)))
	g.Expect(id.String()).To(Equal("c63ea52c-2d1d-5357-ba37-64a992717b6f"), "the ids of slots that exist must never change")
	g.Expect(schedule.SlotID(uid, start.In(time.FixedZone("WIB", 7*3600)))).To(Equal(id), "the same moment, written in another zone")
	g.Expect(schedule.SlotID(uid, start.Add(time.Minute))).NotTo(Equal(id))
	g.Expect(schedule.SlotID("another", start)).NotTo(Equal(id))
}
