package schedule_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/schedule"
)

// searched finds the moment that a local time means by looking at the clocks of
// the zone every quarter of an hour, of which all offsets, changes and times here
// are multiples: the first moment at which they show the time, or,
// if they never do, the time shown with the offset from before the change that
// skips it.
func searched(zone *time.Location, local time.Time) time.Time {
	const (
		around = 30 * time.Hour // more than any offset and any change
		step   = 15 * time.Minute
	)

	show := func(moment time.Time) time.Time {
		_, seconds := moment.In(zone).Zone()
		return moment.Add(time.Duration(seconds) * time.Second)
	}
	before := time.Duration(0)

	for moment := local.Add(-around); moment.Before(local.Add(around)); moment = moment.Add(step) {
		if shown := show(moment); shown.Equal(local) {
			return moment
		}
	}

	for moment := local.Add(-around); !show(moment).After(local); moment = moment.Add(step) {
		before = show(moment).Sub(moment)
	}

	return local.Add(-before)
}

// Every quarter of an hour around every odd clock change that is known means
// the moment that a search over the clocks finds.
func TestExpand_ClockChanges(t *testing.T) {
	t.Parallel()

	cases := []struct{ reason, zone, from string }{
		{"half an hour forward", "Australia/Lord_Howe", "2027-10-02"},
		{"half an hour back", "Australia/Lord_Howe", "2027-04-03"},
		{"a whole day skipped", "Pacific/Apia", "2011-12-29"},
		{"a whole day twice", "Pacific/Kwajalein", "1993-08-20"},
		{"back for Ramadan", "Africa/Casablanca", "2027-02-06"},
		{"forward after Ramadan", "Africa/Casablanca", "2027-03-13"},
		{"forward at midnight UTC", "Atlantic/Azores", "2027-03-27"},
		{"back at one o'clock UTC", "Atlantic/Azores", "2027-10-30"},
		{"forward at midnight: the day begins at one", "America/Asuncion", "2023-09-30"},
		{"back at midnight: the day ends twice", "America/Asuncion", "2023-03-25"},
		{"midnight skipped", "Africa/Cairo", "2027-04-29"},
		{"a quarter of an hour of offset", "Pacific/Chatham", "2027-09-25"},
		{"back in a zone of three quarters", "Pacific/Chatham", "2027-04-03"},
		{"a zone that moved by half an hour for good", "Asia/Pyongyang", "2018-05-04"},
		{"a zone that turned its clocks back two hours", "Antarctica/Troll", "2027-10-30"},
		{"a zone that changes in the evening before", "America/Nuuk", "2027-03-27"},
		{"winter time that is the saving", "Europe/Dublin", "2027-10-30"},
		{"no change at all", "Asia/Jakarta", "2027-03-27"},
	}

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			zone, err := time.LoadLocation(c.zone)
			g.Expect(err).NotTo(HaveOccurred())
			from, err := time.Parse(time.DateOnly, c.from)
			g.Expect(err).NotTo(HaveOccurred())

			for local := from; local.Before(from.AddDate(0, 0, 3)); local = local.Add(15 * time.Minute) {
				spec := oneOff(c.zone, local.Format("2006-01-02T15:04"))
				plan, err := schedule.Expand(uid, &spec, from.AddDate(0, 0, -7))

				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(plan.Slots).To(HaveLen(1))
				g.Expect(plan.Slots[0].Start).To(Equal(searched(zone, local)), local.Format(time.DateTime))
			}
		})
	}
}

// A daily rule over a year has a lesson on each day, at the same local time
// wherever the clocks show it.
func TestExpand_ZonesAllYear(t *testing.T) {
	t.Parallel()

	for _, name := range []string{
		"Australia/Lord_Howe", "Africa/Casablanca", "Atlantic/Azores", "Pacific/Chatham", "America/Nuuk", "Africa/Cairo", "Europe/Dublin",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			zone, err := time.LoadLocation(name)
			g.Expect(err).NotTo(HaveOccurred())

			for _, clock := range []string{"00:00", "00:30", "01:45", "02:15", "23:30"} {
				for week := 0; week < 52; week += 26 {
					first := time.Date(2027, 1, 4, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*week)
					spec := recurring(name, "FREQ=DAILY", first.Format(time.DateOnly), clock, weeks(26))
					plan, err := schedule.Expand(uid, &spec, time.Date(2027, 1, 3+7*week, 12, 0, 0, 0, zone))

					g.Expect(err).NotTo(HaveOccurred())
					g.Expect(len(plan.Slots)).To(BeNumerically(">=", 26*7), clock)

					for i, slot := range plan.Slots {
						local, err := time.Parse("2006-01-02 15:04", first.AddDate(0, 0, i).Format(time.DateOnly)+" "+clock)
						g.Expect(err).NotTo(HaveOccurred())
						g.Expect(slot.Start).To(Equal(searched(zone, local)), "%s %s", name, local.Format(time.DateTime))
					}
				}
			}
		})
	}
}

// The lesson of a day that a zone skips moves to the next one, where the rule
// has a lesson already: one slot, not two.
func TestExpand_SkippedDay(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	spec := recurring("Pacific/Apia", "FREQ=DAILY", "2011-12-29", "16:00", until("2012-01-01"))

	plan, err := schedule.Expand(uid, &spec, at("2011-12-28T00:00:00Z"))

	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(starts(plan.Slots)).To(Equal([]string{"2011-12-30T02:00:00Z", "2011-12-31T02:00:00Z", "2012-01-01T02:00:00Z"}))
}

// Whatever the API server lets through: Expand answers, soon, with slots that
// are in order, in the future and different from each other.
func FuzzExpand(f *testing.F) {
	f.Add("Asia/Jakarta", "FREQ=WEEKLY;BYDAY=MO,WE", "2027-01-04", "16:00", "45m", "2027-06-30", "2027-03-22", "2027-01-04T16:00", int64(1798761600))
	f.Add("Pacific/Apia", "FREQ=DAILY", "2011-12-29", "16:00", "1h", "", "", "2011-12-30T10:00", int64(1325203200))
	f.Add("Europe/Berlin", "FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20280101T000000Z", "2027-03-28", "02:30", "1h30m", "", "2027-10-31", "2027-10-31T02:30", int64(1805000000))

	f.Fuzz(func(t *testing.T, zone, rule, date, clock, duration, end, except, start string, now int64) {
		moment := time.Unix(now%(1<<33), 0).UTC()
		spec := recurring(zone, rule, date, clock, until(end), leaveOut(v1alpha1.Date(except)), weeks(26))
		spec.Recurrence.Duration = v1alpha1.Duration(duration)
		spec.Slots = oneOff(zone, start).Slots

		plan, err := schedule.Expand(uid, &spec, moment)
		if err != nil {
			return
		}

		for i, slot := range plan.Slots {
			if !slot.Start.After(moment) || !slot.End.After(slot.Start) {
				t.Fatalf("slot %v of %+v at %s", slot, spec, moment)
			}

			if i > 0 && (!slot.Start.After(plan.Slots[i-1].Start) || slot.ID == plan.Slots[i-1].ID) {
				t.Fatalf("slots %v and %v of %+v", plan.Slots[i-1], slot, spec)
			}
		}
	})
}
