package schedule

import (
	"slices"
	"time"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/rrule"
)

const daysPerWeek = 7

// recurrence is a recurrence that has been read and found sensible. Its days
// are local ones; the zone is applied afterwards, because an RFC 5545 rule
// counts days on the calendar, not hours of the sun.
type recurrence struct {
	rule     *rrule.Rule
	zone     *time.Location
	start    rrule.Day
	clock    time.Duration
	duration time.Duration
	until    string
	horizon  int
	except   []v1alpha1.Date
}

// lesson is one lesson of a recurrence.
type lesson struct {
	day   string
	start time.Time
}

func readRecurrence(spec *v1alpha1.Recurrence, zone *time.Location) (*recurrence, error) {
	rule, err := rrule.Parse(spec.RRule)
	if err != nil {
		return nil, invalid("spec.recurrence.rrule", "is not an RFC 5545 rule that can be used here: it %v; write it like FREQ=WEEKLY;BYDAY=MO,WE", err)
	}

	start, err := rrule.ParseDay(string(spec.StartDate))

	clock, err2 := time.Parse("15:04", string(spec.StartTime))
	if err != nil || err2 != nil {
		return nil, invalid("spec.recurrence", "needs a startDate like 2027-01-04 and a startTime like 16:00")
	}

	duration, err := time.ParseDuration(string(spec.Duration))
	if err != nil || duration <= 0 {
		return nil, invalid("spec.recurrence.duration", "must be a length like 45m or 1h")
	}

	return &recurrence{
		rule:     rule,
		zone:     zone,
		start:    start,
		clock:    time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute,
		duration: duration,
		until:    string(spec.Until),
		horizon:  int(spec.HorizonWeeks),
		except:   spec.ExceptDates,
	}, nil
}

// lastDay is the last day on which the rule makes slots for now.
func (r *recurrence) lastDay(today time.Time) string {
	last := today.AddDate(0, 0, r.horizon*daysPerWeek).Format(time.DateOnly)
	if r.until != "" && r.until < last {
		return r.until
	}

	return last
}

// lessons returns the lessons up to and including the last day, at most one a
// day, because the rule has no times of the day of its own. A rule that never
// gives a day, such as the 31st of every February, is refused: it is
// a mistake of who wrote it.
func (r *recurrence) lessons(last string) ([]lesson, error) {
	var lessons []lesson

	occurs := false

	for day := range r.rule.Days(r.start) {
		next := lesson{day: day.String(), start: r.begins(day)}

		over := r.until != "" && next.day > r.until || r.rule.Ended(day, next.start)
		if over && !occurs {
			return nil, r.endsTooSoon(next.day)
		}

		if over || next.day > last {
			return lessons, nil
		}

		occurs = true

		if !slices.Contains(r.except, v1alpha1.Date(next.day)) {
			lessons = append(lessons, next)
		}
	}

	if !occurs {
		return nil, invalid("spec.recurrence.rrule", "never gives a day; correct the rule")
	}

	return lessons, nil
}

func (r *recurrence) endsTooSoon(first string) error {
	if r.until != "" && first > r.until {
		return invalid("spec.recurrence.until", "is before the first day of the rule, %s; choose a later day or leave it out", first)
	}

	return invalid("spec.recurrence.rrule", "has an UNTIL before the first day of the rule, %s; choose a later one or leave it out", first)
}

// begins returns the moment at which the lesson of a day begins.
func (r *recurrence) begins(day rrule.Day) time.Time {
	return wall(day.Midnight().Add(r.clock)).in(r.zone)
}
