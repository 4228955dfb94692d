package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

// line is what the overview says about one resource.
type line struct {
	resource

	// branch draws a Schedule below its Course.
	branch string
	what   string
	hidden bool
	slots  v1alpha1.SlotCounts
	// nextSlot is when the next slot begins, in the zone of its Schedule; zero
	// when there is none.
	nextSlot time.Time
	health   health
}

func (l line) next() string {
	if l.nextSlot.IsZero() {
		return "-"
	}

	return l.nextSlot.Format("Mon 2006-01-02 15:04 MST")
}

// overview is the catalogue at a glance: each Course followed by its Schedules,
// and at last the Schedules without a Course.
type overview struct{ lines []line }

func overviewOf(found catalogue) overview {
	byCourse := map[types.NamespacedName][]line{}
	for i := range found.schedules {
		s := &found.schedules[i]
		key := types.NamespacedName{Namespace: s.Namespace, Name: s.Spec.CourseRef.Name}
		byCourse[key] = append(byCourse[key], scheduleLine(s))
	}

	var o overview
	for i := range found.courses {
		c := &found.courses[i]
		key := types.NamespacedName{Namespace: c.Namespace, Name: c.Name}
		schedules := byCourse[key]
		delete(byCourse, key)

		o.lines = append(o.lines, courseLine(c, schedules))
		for i, l := range schedules {
			l.branch = "├─ "
			if i == len(schedules)-1 {
				l.branch = "└─ "
			}

			o.lines = append(o.lines, l)
		}
	}

	o.lines = append(o.lines, orphans(byCourse)...)

	return o
}

// orphans are the Schedules whose Course was not found.
func orphans(byCourse map[types.NamespacedName][]line) []line {
	var lines []line
	for course, schedules := range byCourse {
		for _, l := range schedules {
			l.what = "no course " + course.Name + ": " + l.what
			lines = append(lines, l)
		}
	}

	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(strings.Compare(a.namespace, b.namespace), strings.Compare(a.name, b.name))
	})

	return lines
}

func courseLine(c *v1alpha1.Course, schedules []line) line {
	l := line{
		resource: resource{kindCourse, c.Namespace, c.Name},
		what:     c.Spec.Title,
		hidden:   !c.IsPublished(),
		health:   healthOf(c, c.Status.Conditions, c.Status.ObservedGeneration),
	}
	if l.hidden {
		l.what += " (hidden)"
	}

	if c.Status.Slots != nil {
		l.slots = *c.Status.Slots
	}

	for _, s := range schedules {
		if !s.nextSlot.IsZero() && (l.nextSlot.IsZero() || s.nextSlot.Before(l.nextSlot)) {
			l.nextSlot = s.nextSlot
		}
	}

	return l
}

func scheduleLine(s *v1alpha1.Schedule) line {
	l := line{
		resource: resource{kindSchedule, s.Namespace, s.Name}, what: timesOf(&s.Spec),
		health: healthOf(s, s.Status.Conditions, s.Status.ObservedGeneration),
	}
	if s.Status.Slots != nil {
		l.slots = *s.Status.Slots
	}

	if s.Status.NextSlot != nil {
		l.nextSlot = s.Status.NextSlot.In(zoneOf(&s.Spec))
	}

	return l
}

// zoneOf is the zone of a Schedule; the API server takes those it knows only.
func zoneOf(spec *v1alpha1.ScheduleSpec) *time.Location {
	zone, err := time.LoadLocation(spec.TimeZone)
	if err != nil {
		return time.UTC
	}

	return zone
}

// timesOf says in short when a Schedule has lessons.
func timesOf(spec *v1alpha1.ScheduleSpec) string {
	var parts []string
	if r := spec.Recurrence; r != nil {
		parts = append(parts, fmt.Sprintf("%s at %s", strings.TrimPrefix(r.RRule, "FREQ="), r.StartTime))
	}

	if n := len(spec.Slots); n > 0 {
		parts = append(parts, counted(n, "single lesson"))
	}

	if spec.Suspend {
		parts = append(parts, "suspended")
	}

	return strings.Join(parts, ", ")
}

func (o overview) notReady() int {
	n := 0
	for _, l := range o.lines {
		if !l.health.ready {
			n++
		}
	}

	return n
}

// summary is the last line.
func (o overview) summary() string {
	var (
		courses, hidden, schedules int
		slots                      v1alpha1.SlotCounts
	)
	for _, l := range o.lines {
		if l.kind == kindCourse {
			courses++

			if l.hidden {
				hidden++
			}

			continue
		}

		schedules++
		slots.Available += l.slots.Available
		slots.Reserved += l.slots.Reserved
		slots.Booked += l.slots.Booked
	}

	text := fmt.Sprintf("%s (%d hidden), %s: %d slots available, %d reserved, %d booked; ",
		counted(courses, "course"), hidden, counted(schedules, "schedule"), slots.Available, slots.Reserved, slots.Booked)
	if n := o.notReady(); n > 0 {
		return text + fmt.Sprintf("%d not ready.", n)
	}

	return text + "everything is ready."
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}

	return fmt.Sprintf("%d %ss", n, thing)
}
