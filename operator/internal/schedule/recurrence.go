package schedule

import (
	"slices"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

const daysPerWeek = 7

// rule is a recurrence, read and found sensible. Dates and times in it are
// local ones, carried in UTC, because the zone is applied afterwards: an RFC
// 5545 rule counts days on the calendar, not hours of the sun.
type rule struct {
	rrule    *rrule.RRule
	duration time.Duration
	until    string
	horizon  int
	except   []v1alpha1.Date
}

func readRule(spec *v1alpha1.Recurrence) (*rule, error) {
	option, err := rrule.StrToROption(spec.RRule)
	if err != nil {
		return nil, invalid("spec.recurrence.rrule", "is not an RFC 5545 rule: %v; write it like FREQ=WEEKLY;BYDAY=MO,WE", err)
	}
	if !slices.Contains([]rrule.Frequency{rrule.DAILY, rrule.WEEKLY, rrule.MONTHLY}, option.Freq) {
		return nil, invalid("spec.recurrence.rrule", "must have the frequency DAILY, WEEKLY or MONTHLY")
	}
	start, err := parseWall("2006-01-02 15:04", string(spec.StartDate)+" "+string(spec.StartTime))
	if err != nil {
		return nil, invalid("spec.recurrence", "needs a startDate like 2027-01-04 and a startTime like 16:00")
	}
	duration, err := time.ParseDuration(string(spec.Duration))
	if err != nil || duration <= 0 {
		return nil, invalid("spec.recurrence.duration", "must be a length like 45m or 1h")
	}
	option.Dtstart = time.Time(start)
	parsed, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, invalid("spec.recurrence.rrule", "is not an RFC 5545 rule: %v", err)
	}
	r := &rule{parsed, duration, string(spec.Until), int(spec.HorizonWeeks), spec.ExceptDates}
	return r, r.mustOccur()
}

// mustOccur refuses a rule that never gives a day, such as the 31st of every
// February, because nobody means that.
func (r *rule) mustOccur() error {
	first, ok := r.rrule.Iterator()()
	if !ok {
		return invalid("spec.recurrence.rrule", "never gives a day; correct the rule")
	}
	if r.until != "" && wall(first).day() > r.until {
		return invalid("spec.recurrence.until", "is before the first day of the rule, %s; choose a later day or leave it out", wall(first).day())
	}
	return nil
}

// lastDay is the last day on which the rule makes slots for now.
func (r *rule) lastDay(today time.Time) string {
	last := today.AddDate(0, 0, r.horizon*daysPerWeek).Format(time.DateOnly)
	if r.until != "" && r.until < last {
		return r.until
	}
	return last
}

// starts returns the local starts up to and including the last day. The rule
// has no times of the day of its own, so there is at most one start a day.
func (r *rule) starts(last string) []wall {
	var starts []wall
	next := r.rrule.Iterator()
	for t, ok := next(); ok && wall(t).day() <= last; t, ok = next() {
		if !slices.Contains(r.except, v1alpha1.Date(wall(t).day())) {
			starts = append(starts, wall(t))
		}
	}
	return starts
}
