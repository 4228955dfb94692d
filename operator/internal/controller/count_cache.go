package controller

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/operator/internal/store"
)

const (
	// longestTransaction is longer than any transaction on slots takes: so old can
	// the time be that a row tells when it becomes visible.
	longestTransaction = 10 * time.Second
	// countAllAtLeast is how often all slots are counted, in case rows were deleted by
	// hand, which leaves no trace but the version.
	countAllAtLeast = time.Minute
)

// resource names a Course or a Schedule.
type resource struct{ kind, namespace, name string }

// countCache is what the poller knows about the slots of each course.
type countCache struct {
	version store.Version
	// seen is when the poller last was up to date, and looked when it last counted
	// anything, by its own clock; counted is when it last counted everything, by the database's.
	seen, looked, counted time.Time
	courses               map[uuid.UUID]courseTally
	// withdrawing are the courses that had withdrawn slots.
	withdrawing []uuid.UUID
}

// courseTally counts the future slots of a course and of the Schedules that make them.
type courseTally struct {
	counts map[resource]store.Counts
	// next is the start of the first of these slots.
	next time.Time
}

// mustCountAll reports whether what is known can't be brought up to date course by
// course: at first, every now and then, and when a clock or the version went back.
func (c *countCache) mustCountAll(version store.Version, now time.Time) bool {
	return c.courses == nil || version.Number < c.version.Number || now.Before(c.seen) ||
		version.At.Sub(c.counted) >= countAllAtLeast
}

// due reports whether courses may be counted again, with polls every so often. A change is counted at once after a quiet
// time; while slots are taken one after the other, each count costs a write of the status of every Course and Schedule
// concerned, so then they are counted at every third poll, be that a little early or late. By the contract counts follow
// within five seconds.
func (c *countCache) due(now time.Time, every time.Duration) bool {
	return now.Sub(c.looked) >= every*5/2
}

// passed returns the courses of which a slot has begun since it was counted.
func (c *countCache) passed(now time.Time) []uuid.UUID {
	var passed []uuid.UUID
	for id, tally := range c.courses {
		if !tally.next.IsZero() && !now.Before(tally.next) {
			passed = append(passed, id)
		}
	}

	return passed
}

// replaceAll remembers the tallies of all courses, and returns whose counts are new or
// gone.
func (c *countCache) replaceAll(tallies []store.Tally) []resource {
	ids := slices.Collect(maps.Keys(c.courses))
	for i := range tallies {
		ids = append(ids, tallies[i].CourseID)
	}

	return c.replace(ids, tallies)
}

// replace remembers the tallies of these courses, and returns whose counts are new or
// gone.
func (c *countCache) replace(ids []uuid.UUID, tallies []store.Tally) []resource {
	if c.courses == nil {
		c.courses = map[uuid.UUID]courseTally{}
	}

	fresh := byCourse(tallies)

	changed := map[resource]struct{}{}
	for _, id := range ids {
		for one := range differing(c.courses[id].counts, fresh[id].counts) {
			changed[one] = struct{}{}
		}

		if _, ok := fresh[id]; ok {
			c.courses[id] = fresh[id]
		} else {
			delete(c.courses, id)
		}
	}

	return slices.Collect(maps.Keys(changed))
}

func byCourse(tallies []store.Tally) map[uuid.UUID]courseTally {
	courses := map[uuid.UUID]courseTally{}
	for _, t := range tallies {
		tally, ok := courses[t.CourseID]
		if !ok {
			tally = courseTally{counts: map[resource]store.Counts{}, next: t.Next}
		}

		if t.Next.Before(tally.next) {
			tally.next = t.Next
		}

		course := resource{kindCourse, t.CourseNamespace, t.CourseName}
		tally.counts[course] = tally.counts[course].Plus(t.Counts)
		tally.counts[resource{kindSchedule, t.Namespace, t.Name}] = t.Counts
		courses[t.CourseID] = tally
	}

	return courses
}

// differing returns the resources of which the two say different counts.
func differing(a, b map[resource]store.Counts) map[resource]struct{} {
	different := map[resource]struct{}{}
	for one, counts := range a {
		if other, ok := b[one]; !ok || other != counts {
			different[one] = struct{}{}
		}
	}

	for one := range b {
		if _, ok := a[one]; !ok {
			different[one] = struct{}{}
		}
	}

	return different
}
