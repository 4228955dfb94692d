package schedule

import (
	"slices"
	"time"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

// Plan is all that a Schedule asks for at a moment.
type Plan struct {
	// Slots are the slots that start after the moment, by start.
	Slots []Slot
	// Until is the last local day up to which the rule was turned into slots;
	// empty without a rule.
	Until string
}

// Expand returns the slots that the Schedule with this uid asks for at this
// moment: the one-off slots, and those of its rule from today up to the
// horizon. A suspended Schedule asks for none, but is read all the same. The
// error is an *InvalidError.
func Expand(uid string, spec *v1alpha1.ScheduleSpec, now time.Time) (Plan, error) {
	zone, err := time.LoadLocation(spec.TimeZone)
	if err != nil || spec.TimeZone == "" || spec.TimeZone == "Local" {
		return Plan{}, invalid("spec.timeZone", "must be the IANA name of a time zone, for example Asia/Jakarta; %q is not one", spec.TimeZone)
	}

	e := expansion{
		uid:   uid,
		zone:  zone,
		now:   now,
		taken: map[time.Time]bool{},
	}
	if err := e.addOneOffs(spec.Slots); err != nil {
		return Plan{}, err
	}

	if err := e.addRule(spec.Recurrence); err != nil {
		return Plan{}, err
	}

	if spec.Suspend {
		return Plan{}, nil
	}

	slices.SortFunc(e.plan.Slots, func(a, b Slot) int { return a.Start.Compare(b.Start) })

	return e.plan, nil
}

// expansion collects slots; the first slot at a start wins.
type expansion struct {
	uid   string
	zone  *time.Location
	now   time.Time
	taken map[time.Time]bool
	plan  Plan
}

func (e *expansion) addOneOffs(slots []v1alpha1.Slot) error {
	for i, slot := range slots {
		start, err := parseWall("2006-01-02T15:04", string(slot.Start))
		if err != nil {
			return invalid("spec.slots", "number %d needs a start like 2027-01-04T16:00", i+1)
		}

		duration, err := time.ParseDuration(string(slot.Duration))
		if err != nil || duration <= 0 {
			return invalid("spec.slots", "number %d needs a duration like 45m or 1h", i+1)
		}

		e.add(start.day(), start.in(e.zone), duration, true)
	}

	return nil
}

func (e *expansion) addRule(spec *v1alpha1.Recurrence) error {
	if spec == nil {
		return nil
	}

	r, err := readRecurrence(spec, e.zone)
	if err != nil {
		return err
	}

	e.plan.Until = r.lastDay(e.now.In(e.zone))

	lessons, err := r.lessons(e.plan.Until)
	for _, one := range lessons {
		e.add(one.day, one.start, r.duration, false)
	}

	return err
}

func (e *expansion) add(day string, start time.Time, duration time.Duration, oneOff bool) {
	if !start.After(e.now) || e.taken[start] {
		return
	}

	e.taken[start] = true
	e.plan.Slots = append(e.plan.Slots, Slot{
		ID:     SlotID(e.uid, start),
		Start:  start,
		End:    start.Add(duration),
		Day:    day,
		OneOff: oneOff,
	})
}
