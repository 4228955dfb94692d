// Package trend judges whether what was measured again and again grows.
package trend

import (
	"math"
	"slices"
)

// Point is one measurement: at which time, or after how many rows, and what it was.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Series are measurements in their order.
type Series []Point

// Bound is how much may be gained over the whole time of a series: a share of what was there at its beginning, and in any
// case the slack, which is what such a thing moves by when nothing is wrong.
type Bound struct{ Share, Slack float64 }

func (b Bound) of(level float64) float64 { return max(b.Share*math.Abs(level), b.Slack) }

// Verdict says what a series has gained, and what it may.
type Verdict struct {
	// Level is the median of the first quarter.
	Level float64
	// Slope is what was gained for each unit of X.
	Slope float64
	// Gained and Allowed are for the whole series.
	Gained, Allowed float64
	// Line are the ends of the straight line through the series.
	Line [2]Point
}

// Grows tells whether more was gained than is allowed.
func (v Verdict) Grows() bool { return v.Gained > v.Allowed }

// enough is how many points a slope is made of at most: it looks at each pair of them.
const enough = 300

// After returns what was measured from x on.
func (s Series) After(x float64) Series {
	i := slices.IndexFunc(s, func(p Point) bool { return p.X >= x })
	if i < 0 {
		return nil
	}

	return s[i:]
}

// Flat judges a series that should stay where it is, by the median of the slopes between all its points (Theil–Sen): peaks
// and dips, even if a quarter of all points are such, do not move it.
func (s Series) Flat(b Bound) Verdict {
	if len(s) < 2 {
		return Verdict{}
	}

	thin := s.thin(enough)
	slope := thin.slope()
	width := s[len(s)-1].X - s[0].X
	level := median(s[:max(1, len(s)/4)].values())
	through := median(thin.rest(slope))

	return Verdict{
		Level:   level,
		Slope:   slope,
		Gained:  slope * width,
		Allowed: b.of(level),
		Line: [2]Point{
			{X: s[0].X, Y: through + slope*s[0].X},
			{X: s[len(s)-1].X, Y: through + slope*s[len(s)-1].X},
		},
	}
}

// Over pairs two series that were measured at the same moments: how much of s there was when there were so many rows.
func (s Series) Over(rows Series) Series {
	both := make(Series, 0, len(s))
	for i := range min(len(s), len(rows)) {
		both = append(both, Point{X: rows[i].Y, Y: s[i].Y})
	}

	return both
}

// Even judges a series that grows with its X, such as bytes with rows: each row of the second half may take no more than one
// of the first. What is gained is what all rows of the second half take besides.
func (s Series) Even(b Bound) Verdict {
	if len(s) < 4 {
		return Verdict{}
	}

	first, second := s[:len(s)/2].thin(enough), s[len(s)/2:].thin(enough)
	rows := second[len(second)-1].X - second[0].X
	before, after := first.slope(), second.slope()

	return Verdict{
		Level:   before * rows,
		Slope:   after,
		Gained:  (after - before) * rows,
		Allowed: b.of(before * rows),
		Line:    [2]Point{second[0], {X: second[len(second)-1].X, Y: second[0].Y + after*rows}},
	}
}

// Gain is by how much a series is higher at its end than at its beginning, by the medians of its first and last tenth.
func (s Series) Gain() float64 {
	if len(s) == 0 {
		return 0
	}

	tenth := max(1, len(s)/10)

	return median(s[len(s)-tenth:].values()) - median(s[:tenth].values())
}

// slope is the median of the slopes between all pairs of points; zero if all have one X.
func (s Series) slope() float64 {
	slopes := make([]float64, 0, len(s)*(len(s)-1)/2)
	for i, p := range s {
		for _, q := range s[i+1:] {
			if q.X != p.X {
				slopes = append(slopes, (q.Y-p.Y)/(q.X-p.X))
			}
		}
	}

	return median(slopes)
}

// rest is what is left of all points without the slope.
func (s Series) rest(slope float64) []float64 {
	rest := make([]float64, len(s))
	for i, p := range s {
		rest[i] = p.Y - slope*p.X
	}

	return rest
}

// thin replaces neighbours by their medians, so that at most count points are left.
func (s Series) thin(count int) Series {
	if len(s) <= count {
		return s
	}

	thin := make(Series, 0, count)

	for i := range count {
		part := s[i*len(s)/count : (i+1)*len(s)/count]
		thin = append(thin, Point{X: part[len(part)/2].X, Y: median(part.values())})
	}

	return thin
}

func (s Series) values() []float64 {
	values := make([]float64, len(s))
	for i, p := range s {
		values[i] = p.Y
	}

	return values
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}

	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2

	if len(sorted)%2 == 1 {
		return sorted[middle]
	}

	return (sorted[middle-1] + sorted[middle]) / 2
}
