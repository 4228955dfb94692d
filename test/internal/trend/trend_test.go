package trend_test

import (
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/trend"
)

// quarter is a quarter of an hour in seconds, with a measurement every five.
const quarter, every = 900.0, 5.0

func series(value func(t float64) float64) trend.Series {
	var s trend.Series
	for t := 0.0; t <= quarter; t += every {
		s = append(s, trend.Point{X: t, Y: value(t)})
	}

	return s
}

// noise is the same in every run.
func noise(size float64) func() float64 {
	r := rand.New(rand.NewPCG(1, 2))
	return func() float64 { return size * (2*r.Float64() - 1) }
}

func TestSeries_Flat(t *testing.T) {
	some, much := noise(2), noise(20)
	bound := trend.Bound{Share: 0.1, Slack: 4}

	for _, c := range []struct {
		reason string
		value  func(t float64) float64
		grows  bool
	}{
		{"nothing changes", func(float64) float64 { return 60 }, false},
		{"there is nothing at all", func(float64) float64 { return 0 }, false},
		{"it moves up and down", func(float64) float64 { return 60 + some() }, false},
		{"it moves much, as a collected heap does", func(t float64) float64 { return 60 + math.Mod(t, 40)/2 }, false},
		{"it moves by a third without an order", func(float64) float64 { return 60 + much() }, false},
		{"it gets less", func(t float64) float64 { return 60 - t/20 }, false},
		{"one in five measurements is a peak", func(t float64) float64 {
			if math.Mod(t, 25) == 0 {
				return 400
			}

			return 60
		}, false},
		{"a peak comes late and goes", func(t float64) float64 {
			if t > 700 && t < 800 {
				return 400
			}

			return 60 + some()
		}, false},
		{"it gains a tenth of the bound", func(t float64) float64 { return 60 + 0.6*t/quarter }, false},
		{"it leaks a quarter", func(t float64) float64 { return 60 + 15*t/quarter }, true},
		{"it leaks a quarter, and moves as much", func(t float64) float64 { return 60 + 15*t/quarter + much()/2 }, true},
		{"it leaks, and is collected now and then", func(t float64) float64 { return 60 + 15*t/quarter + math.Mod(t, 40)/4 }, true},
		{"it leaks and is small", func(t float64) float64 { return 1 + 5*t/quarter }, true},
		{"it grows in steps", func(t float64) float64 { return 60 + 10*math.Floor(t/200) }, true},
	} {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			v := series(c.value).Flat(bound)
			g.Expect(v.Grows()).To(Equal(c.grows), "%+v", v)
		})
	}
}

// What is gained does not depend on how many points there are.
func TestSeries_Flat_Thinned(t *testing.T) {
	g := NewWithT(t)

	var s trend.Series
	for x := range 5000 {
		s = append(s, trend.Point{X: float64(x), Y: 100 + 0.01*float64(x)})
	}

	v := s.Flat(trend.Bound{Share: 0.1})
	g.Expect(v.Gained).To(BeNumerically("~", 50, 0.1))
	g.Expect(v.Grows()).To(BeTrue())
	g.Expect(v.Line[1].Y).To(BeNumerically("~", 150, 0.1))
}

func TestSeries_Even(t *testing.T) {
	const block = 8192

	rows := series(func(t float64) float64 { return 1000 + 10*t })
	bound := trend.Bound{Share: 0.25, Slack: 64 * block}

	for _, c := range []struct {
		reason string
		bytes  func(rows float64) float64
		grows  bool
	}{
		{"each row takes as much", func(rows float64) float64 { return 300 * rows }, false},
		{"a table grows by blocks", func(rows float64) float64 { return block * math.Ceil(300*rows/block) }, false},
		{"a table grows by many blocks at once", func(rows float64) float64 { return 32 * block * math.Ceil(300*rows/block/32) }, false},
		{"rows got smaller", func(rows float64) float64 { return 300*rows - rows*rows/100 }, false},
		{"there was much before", func(rows float64) float64 { return 1e9 + 300*rows }, false},
		{"later rows take twice as much", func(rows float64) float64 { return 300*rows + 300*max(0, rows-5500) }, true},
		{"each row takes more than the one before", func(rows float64) float64 { return 300*rows + rows*rows/10 }, true},
	} {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)

			s := make(trend.Series, len(rows))
			for i, p := range rows {
				s[i] = trend.Point{X: p.X, Y: c.bytes(p.Y)}
			}

			v := s.Over(rows).Even(bound)
			g.Expect(v.Grows()).To(Equal(c.grows), "%+v", v)
		})
	}
}

func TestSeries_After(t *testing.T) {
	g := NewWithT(t)
	s := series(func(t float64) float64 { return t })

	g.Expect(s.After(450)[0].X).To(Equal(450.0))
	g.Expect(s.After(10_000)).To(BeEmpty())
	g.Expect(s.After(10_000).Flat(trend.Bound{}).Grows()).To(BeFalse(), "nothing was measured")
	g.Expect(s.Gain()).To(BeNumerically("~", 810, 10))
}
