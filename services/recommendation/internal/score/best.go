package score

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"
)

// Scored is a course with its match.
type Scored struct {
	Match

	Course *Course
}

// Best returns the n courses that fit best, best first, among them courses with no points if there are not enough
// others. Of courses with equal points the one with the earlier next slot comes first, those without a slot last, and
// then titles decide.
func Best(courses []Course, p Preferences, n int) []Scored {
	rules := For(p)

	best := make([]Scored, 0, min(n, len(courses))+1)
	for i := range courses {
		s := Scored{Match: rules.Match(&courses[i]), Course: &courses[i]}
		// Nearly all of many courses end here, after one comparison.
		if len(best) == n && (n == 0 || compare(&s, &best[n-1]) > 0) {
			continue
		}

		best = insert(best, s)
		best = best[:min(n, len(best))]
	}

	return best
}

// insert puts s into its place among sorted courses.
func insert(best []Scored, s Scored) []Scored {
	place, _ := slices.BinarySearchFunc(best, s, func(other, s Scored) int { return compare(&other, &s) })
	return slices.Insert(best, place, s)
}

// compare is negative when a comes before b. Only for the same course it is zero: ids decide at last, so that the same
// courses always come in the same order.
func compare(a, b *Scored) int {
	if a.Points != b.Points {
		return cmp.Compare(b.Points, a.Points)
	}

	return cmp.Or(
		compareTimes(a.Course.NextAvailable, b.Course.NextAvailable),
		strings.Compare(a.Course.Title, b.Course.Title),
		bytes.Compare(a.Course.ID[:], b.Course.ID[:]),
	)
}

func compareTimes(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}

	return a.Compare(*b)
}
