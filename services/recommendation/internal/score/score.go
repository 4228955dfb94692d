// Package score says how well courses fit a person, by the rules of the contract. It is pure: no clock, no network.
package score

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// Points are hundredths of a point of the score, so that two decimals are exact. A course that fits in everything has
// 10000.
type Points int

// What a course gets for each thing that fits.
const (
	forInstrument Points = 40_00
	forLevel      Points = 30_00
	forBudget     Points = 20_00
	forAllDays    Points = 10_00
)

// Score returns the points as the contract shows them: 0 to 100 with two decimals.
func (p Points) Score() float64 { return float64(p) / 100 }

// Confidence returns the score divided by 100.
func (p Points) Confidence() float64 { return float64(p) / 100_00 }

// Course is what a course is compared by. NextAvailable is the start of its next slot that can be booked, nil when
// there is none.
type Course struct {
	ID                                      uuid.UUID
	Title, Instrument, Level, PriceCategory string
	Days                                    Days
	NextAvailable                           *time.Time
}

// Preferences are what a person would like. What is empty was not said, and nothing fits it.
type Preferences struct {
	ExperienceLevel, LearningGoal, BudgetRange string
	Instruments                                []string
	Days                                       Days
}

// Empty reports whether nothing was said that the rules go by.
func (p Preferences) Empty() bool {
	return p.ExperienceLevel == "" && p.BudgetRange == "" && len(p.Instruments) == 0 && p.Days == 0
}

// Match is what fits, and the points for it.
type Match struct {
	Instrument, Level, Budget bool
	// Days are those of the course that suit the person.
	Days   Days
	Points Points
}

// Rules are the rules of the contract for one person.
type Rules struct {
	wish Preferences
	// wanted remembers which instruments are among the preferred; catalogues name few of them many times.
	wanted map[string]bool
}

// For returns the rules for a person.
func For(p Preferences) *Rules { return &Rules{wish: p, wanted: map[string]bool{}} }

// Match compares a course with the person's preferences.
func (r *Rules) Match(c *Course) Match {
	m := Match{
		Instrument: r.wants(c.Instrument),
		Level:      c.Level != "" && c.Level == r.wish.ExperienceLevel,
		Budget:     c.PriceCategory != "" && c.PriceCategory == r.wish.BudgetRange,
		Days:       c.Days & r.wish.Days,
	}
	if m.Instrument {
		m.Points += forInstrument
	}

	if m.Level {
		m.Points += forLevel
	}

	if m.Budget {
		m.Points += forBudget
	}

	m.Points += part(m.Days.Len(), c.Days.Len())

	return m
}

// part returns forAllDays × suitable / all, rounded to a hundredth of a point. A course without days has none that suit.
func part(suitable, all int) Points {
	if all == 0 {
		return 0
	}

	return (2*forAllDays*Points(suitable) + Points(all)) / (2 * Points(all))
}

// wants compares instruments without regard to case and to spaces around them.
func (r *Rules) wants(instrument string) bool {
	wanted, known := r.wanted[instrument]
	if known {
		return wanted
	}

	name := strings.TrimSpace(instrument)
	for _, preferred := range r.wish.Instruments {
		wanted = wanted || name != "" && strings.EqualFold(strings.TrimSpace(preferred), name)
	}

	r.wanted[instrument] = wanted

	return wanted
}
