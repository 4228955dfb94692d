package score_test

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// piano is a course that fits everything in wish.
func piano() score.Course {
	return score.Course{
		Title:         "Piano",
		Instrument:    "piano",
		Level:         "beginner",
		PriceCategory: "low",
		Days:          score.ParseDays([]string{"monday", "wednesday"}),
	}
}

func wish() score.Preferences {
	return score.Preferences{
		ExperienceLevel: "beginner",
		LearningGoal:    "hobby",
		BudgetRange:     "low",
		Instruments:     []string{"guitar", "piano"},
		Days:            score.ParseDays([]string{"sunday", "wednesday", "monday"}),
	}
}

func TestRules_Match_Points(t *testing.T) {
	week := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
	days := func(c *score.Course, names ...string) { c.Days = score.ParseDays(names) }

	cases := []struct {
		reason string
		change func(c *score.Course, p *score.Preferences)
		points score.Points
		json   string
	}{
		{"everything fits", func(*score.Course, *score.Preferences) {}, 100_00, "[100,1]"},
		{"the instrument counts 40", func(c *score.Course, _ *score.Preferences) { c.Instrument = "drums" }, 60_00, "[60,0.6]"},
		{"the level counts 30", func(c *score.Course, _ *score.Preferences) { c.Level = "advanced" }, 70_00, "[70,0.7]"},
		{"the budget counts 20", func(c *score.Course, _ *score.Preferences) { c.PriceCategory = "high" }, 80_00, "[80,0.8]"},
		{"the days count 10", func(_ *score.Course, p *score.Preferences) { p.Days = 0 }, 90_00, "[90,0.9]"},
		{"half of the course's days", func(c *score.Course, _ *score.Preferences) { days(c, "monday", "friday") }, 95_00, "[95,0.95]"},
		{"a third of them is rounded down", func(c *score.Course, _ *score.Preferences) {
			days(c, "monday", "tuesday", "friday")
		}, 93_33, "[93.33,0.9333]"},
		{"two thirds are rounded up", func(c *score.Course, _ *score.Preferences) {
			days(c, "monday", "wednesday", "friday")
		}, 96_67, "[96.67,0.9667]"},
		{"three of seven", func(c *score.Course, _ *score.Preferences) { days(c, week...) }, 94_29, "[94.29,0.9429]"},
		{"the person's other days don't matter", func(_ *score.Course, p *score.Preferences) { p.Days = score.ParseDays(week) }, 100_00, "[100,1]"},
		{"a course without days divides by nothing", func(c *score.Course, _ *score.Preferences) { c.Days = 0 }, 90_00, "[90,0.9]"},
		{"instruments are compared without case", func(c *score.Course, p *score.Preferences) {
			c.Instrument, p.Instruments = "piano", []string{"PIANO"}
		}, 100_00, "[100,1]"},
		{"without case in any script", func(c *score.Course, p *score.Preferences) {
			c.Instrument, p.Instruments = "ГУСЛИ", []string{"Гусли"}
		}, 100_00, "[100,1]"},
		{"without spaces around them", func(_ *score.Course, p *score.Preferences) { p.Instruments = []string{" Piano\t"} }, 100_00, "[100,1]"},
		{"a part of a name is another instrument", func(_ *score.Course, p *score.Preferences) { p.Instruments = []string{"pian", "pianoforte"} }, 60_00, "[60,0.6]"},
		{"no instrument is no choice", func(c *score.Course, p *score.Preferences) {
			c.Instrument, p.Instruments = "", []string{"", " "}
		}, 60_00, "[60,0.6]"},
		{"what was not said fits nothing", func(c *score.Course, p *score.Preferences) {
			c.Level, c.PriceCategory, p.ExperienceLevel, p.BudgetRange = "", "", "", ""
		}, 50_00, "[50,0.5]"},
		{"nothing said, no points", func(_ *score.Course, p *score.Preferences) { *p = score.Preferences{} }, 0, "[0,0]"},
		{"the goal has no points", func(_ *score.Course, p *score.Preferences) { *p = score.Preferences{LearningGoal: "hobby"} }, 0, "[0,0]"},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			course, preferences := piano(), wish()
			c.change(&course, &preferences)
			got := score.For(preferences).Match(&course)
			g.Expect(got.Points).To(Equal(c.points))

			shown, err := json.Marshal([]float64{got.Points.Score(), got.Points.Confidence()})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(string(shown)).To(Equal(c.json))
		})
	}
}

// A match says what fits.
func TestRules_Match(t *testing.T) {
	g := NewWithT(t)
	course := piano()
	course.Days = score.ParseDays([]string{"friday", "monday", "sunday"})
	rules := score.For(wish())
	g.Expect(rules.Match(&course)).To(Equal(score.Match{
		Instrument: true,
		Level:      true,
		Budget:     true,
		Days:       score.ParseDays([]string{"monday", "sunday"}),
		Points:     96_67,
	}))

	course.Instrument, course.Level, course.PriceCategory, course.Days = "drums", "advanced", "high", 0
	g.Expect(rules.Match(&course)).To(Equal(score.Match{}))

	course.Instrument = "piano"
	g.Expect(rules.Match(&course).Instrument).To(BeTrue(), "what was asked before doesn't matter")
}

func TestDays(t *testing.T) {
	g := NewWithT(t)
	days := score.ParseDays([]string{"sunday", "monday", "sunday", "Montag", ""})
	g.Expect(days.Names()).To(Equal([]string{"monday", "sunday"}), "in order, each once, and only days")
	g.Expect(days.Len()).To(Equal(2))
	g.Expect(score.ParseDays(nil).Names()).To(BeEmpty())
}

func TestPreferences_Empty(t *testing.T) {
	g := NewWithT(t)
	g.Expect(score.Preferences{}.Empty()).To(BeTrue())
	g.Expect(score.Preferences{LearningGoal: "hobby"}.Empty()).To(BeTrue(), "the rules don't go by the goal")

	for _, p := range []score.Preferences{
		{ExperienceLevel: "beginner"}, {BudgetRange: "low"}, {Instruments: []string{"piano"}}, {Days: 1},
	} {
		g.Expect(p.Empty()).To(BeFalse())
	}
}
