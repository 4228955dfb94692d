package recommendation_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus/testutil"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/contracts/errs"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/recommendationtest"
	"github.com/shema-music/shema/services/recommendation/internal/score"
)

func ids(r recommendation.Recommendation) []uuid.UUID {
	found := make([]uuid.UUID, len(r.Items))
	for i, item := range r.Items {
		found[i] = item.Course.ID
	}

	return found
}

// The five best are kept as they are.
func TestService_Generate(t *testing.T) {
	w := recommendationtest.New(t)
	g := NewWithT(t)
	student := w.Users.AddPianist()
	nothing := w.Courses.Add("nothing", func(c *coursehttp.Course) {
		c.Instrument, c.Level, c.PriceCategory, c.AvailableDays = "drums", coursehttp.Advanced, coursehttp.High, nil
	})
	level := w.Courses.Add("level", func(c *coursehttp.Course) { c.Instrument, c.PriceCategory = "drums", coursehttp.High })
	third := w.Courses.Add("third", nil)
	first := w.Courses.Add("first", nil)
	second := w.Courses.Add("second", nil)
	soon := w.Courses.Add("soon", nil)
	w.Courses.Free(soon, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))

	made, err := w.Recommendations.Generate(t.Context(), student, recommendation.Overrides{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(made)).To(Equal([]uuid.UUID{soon, first, second, third, level}), "%s is the sixth", nothing)
	g.Expect(made.UserID).To(Equal(student))
	g.Expect(made.ID.Version()).To(BeEquivalentTo(7))
	g.Expect(made.CreatedAt).To(BeTemporally("~", time.Now(), time.Minute))
	g.Expect(made.Items[0]).To(Equal(recommendation.Item{
		Points: 100_00,
		Course: recommendation.Course{
			ID:            soon,
			Name:          "soon",
			Title:         "soon",
			Description:   "First steps",
			Instrument:    "piano",
			Level:         "beginner",
			PriceCategory: "low",
			Price:         new("350000"),
			Currency:      new("IDR"),
			Teacher:       new("Ibu Sari"),
			ImageURL:      new("https://example.com/piano.jpg"),
			Packages: []recommendation.Package{{
				Name:     "bulanan",
				Title:    "Four lessons a month",
				Lessons:  4,
				Price:    new("1200000"),
				Currency: new("IDR"),
			}},
			NextSlotAt:    new(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)),
			AvailableDays: []string{"monday", "wednesday"},
			CreatedAt:     time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
			UpdatedAt:     time.Date(2026, 2, 2, 3, 4, 5, 0, time.UTC),
		},
		Reasons: []recommendation.Reason{
			{Code: recommendation.ReasonInstrument, Values: []string{"piano"}},
			{Code: recommendation.ReasonLevel, Values: []string{"beginner"}},
			{Code: recommendation.ReasonBudget, Values: []string{"low"}},
			{Code: recommendation.ReasonDays, Values: []string{"monday", "wednesday"}},
		},
	}))
	g.Expect(w.Courses.Lookups()).To(Equal(1), "no call per course")

	w.Courses.Remove(soon)
	latest, err := w.Recommendations.Latest(t.Context(), student)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(latest).To(Equal(made), "the course has gone, the recommendation can be read")
}

// Overrides replace the profile for once.
func TestService_Generate_Overrides(t *testing.T) {
	w := recommendationtest.New(t)
	student := w.Users.AddPianist()
	w.Courses.Add("piano", nil)

	cases := []struct {
		reason    string
		overrides recommendation.Overrides
		points    score.Points
	}{
		{"none leave the profile", recommendation.Overrides{}, 100_00},
		{"another level", recommendation.Overrides{ExperienceLevel: new("advanced")}, 70_00},
		{"another budget", recommendation.Overrides{BudgetRange: new("high")}, 80_00},
		{"other instruments", recommendation.Overrides{Instruments: &[]string{"drums"}}, 60_00},
		{"no instruments is a wish too", recommendation.Overrides{Instruments: &[]string{}}, 60_00},
		{"other days", recommendation.Overrides{AvailableDays: &[]string{"monday"}}, 95_00},
		{"no days", recommendation.Overrides{AvailableDays: &[]string{}}, 90_00},
		{"the goal has no points", recommendation.Overrides{LearningGoal: new("hobby")}, 100_00},
		{"and afterwards all is as before", recommendation.Overrides{}, 100_00},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			made, err := w.Recommendations.Generate(t.Context(), student, c.overrides)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(made.Items).To(HaveLen(1))
			g.Expect(made.Items[0].Points).To(Equal(c.points))
		})
	}
}

// No match has a reason too.
func TestService_Generate_NoMatch(t *testing.T) {
	w := recommendationtest.New(t)
	g := NewWithT(t)

	w.Courses.Add("drums", func(c *coursehttp.Course) {
		c.Instrument, c.Level, c.PriceCategory, c.AvailableDays = "drums", coursehttp.Advanced, coursehttp.High, []coursehttp.Weekday{}
	})

	reason := func(user uuid.UUID) []recommendation.Reason {
		made, err := w.Recommendations.Generate(t.Context(), user, recommendation.Overrides{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(made.Items).To(ConsistOf(HaveField("Points", BeZero())))

		return made.Items[0].Reasons
	}
	g.Expect(reason(w.Users.AddPianist())).To(Equal([]recommendation.Reason{{Code: recommendation.ReasonNothing}}))
	g.Expect(reason(w.Users.Add(nil))).To(Equal([]recommendation.Reason{{Code: recommendation.ReasonUnknown}}))
}

// An empty catalogue has nothing to recommend.
func TestService_Generate_EmptyCatalogue(t *testing.T) {
	w := recommendationtest.New(t)
	g := NewWithT(t)
	made, err := w.RankedBy(turned{}).Generate(t.Context(), w.Users.AddPianist(), recommendation.Overrides{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(made.Items).To(And(BeEmpty(), Not(BeNil())))
	g.Expect(w.Courses.Lookups()).To(BeZero())
}

// A course that goes meanwhile is left out.
func TestService_Generate_CourseGone(t *testing.T) {
	w := recommendationtest.New(t)
	g := NewWithT(t)
	gone, stays := w.Courses.Add("a", nil), w.Courses.Add("b", nil)
	w.Courses.RemoveAfterNaming(gone)
	made, err := w.Recommendations.Generate(t.Context(), w.Users.AddPianist(), recommendation.Overrides{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(made)).To(Equal([]uuid.UUID{stays}))
}

// Without neighbours there is no recommendation.
func TestService_Generate_ServicesAway(t *testing.T) {
	w := recommendationtest.New(t)
	student := w.Users.AddPianist()
	w.Courses.Add("piano", nil)

	cases := []struct {
		reason, app string
		answer      http.HandlerFunc
		want        error
	}{
		{"the course service is down", recommendationtest.CourseID, recommendationtest.Down, errs.Unavailable},
		{"the user service is down", recommendationtest.UserID, recommendationtest.Down, errs.Unavailable},
		{"the course service breaks off", recommendationtest.CourseID, recommendationtest.Garbage, errs.Unavailable},
		{"the user service breaks off", recommendationtest.UserID, recommendationtest.Garbage, errs.Unavailable},
		{"a refusal of ours is not the caller's", recommendationtest.CourseID, recommendationtest.Refusing, errs.Internal},
		{"nor is one of the user service", recommendationtest.UserID, recommendationtest.Refusing, errs.Internal},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)

			w.Break(c.app, c.answer)
			_, err := w.Recommendations.Generate(t.Context(), student, recommendation.Overrides{})
			w.Break(c.app, nil)
			g.Expect(err).To(MatchError(c.want))
			g.Expect(w.Recommendations.List(t.Context(), student, nil, 10)).To(HaveField("Items", BeEmpty()))
		})
	}

	g := NewWithT(t)
	_, err := w.Recommendations.Generate(t.Context(), uuid.New(), recommendation.Overrides{})
	g.Expect(err).To(MatchError(usererrs.NotFound))
}

// turned is a ranker that finds the rules' worst best.
type turned struct{}

func (turned) Name() string { return "turned" }

func (turned) Rank(_ context.Context, _ score.Preferences, courses []score.Scored) ([]score.Scored, error) {
	courses = slices.Clone(courses)
	slices.Reverse(courses)
	return courses, nil
}

// speechless is a ranker that has no answer.
type speechless struct{}

func (speechless) Name() string { return "speechless" }

func (speechless) Rank(context.Context, score.Preferences, []score.Scored) ([]score.Scored, error) {
	return nil, errors.New("no words")
}

// A ranker decides about the order and nothing else.
func TestService_Generate_Ranker(t *testing.T) {
	w := recommendationtest.New(t)
	g := NewWithT(t)
	student := w.Users.AddPianist()
	best, worst := w.Courses.Add("a", nil), w.Courses.Add("b", func(c *coursehttp.Course) { c.Level = coursehttp.Advanced })

	made, err := w.RankedBy(turned{}).Generate(t.Context(), student, recommendation.Overrides{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(made)).To(Equal([]uuid.UUID{worst, best}))
	g.Expect([]score.Points{made.Items[0].Points, made.Items[1].Points}).To(Equal([]score.Points{70_00, 100_00}))

	made, err = w.RankedBy(speechless{}).Generate(t.Context(), student, recommendation.Overrides{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(made)).To(Equal([]uuid.UUID{best, worst}), "the order of the rules")

	_, err = w.Recommendations.Generate(t.Context(), student, recommendation.Overrides{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.Recommendations.Welcome(t.Context(), student)).To(Succeed())
	g.Expect(testutil.CollectAndCompare(w.Metrics.Collectors()[0], strings.NewReader(`
		# HELP shema_recommendations_total Recommendations by what they were made for (request, registration) and by who ordered the courses: the rules, the model, or the rules because the model had no answer (fallback).
		# TYPE shema_recommendations_total counter
		shema_recommendations_total{origin="registration",ranker="rules"} 1
		shema_recommendations_total{origin="request",ranker="fallback"} 1
		shema_recommendations_total{origin="request",ranker="rules"} 1
		shema_recommendations_total{origin="request",ranker="turned"} 1
	`))).To(Succeed())
}

// Every student is welcomed once.
func TestService_Welcome_Once(t *testing.T) {
	w := recommendationtest.New(t)
	g := NewWithT(t)
	student, other := w.Users.AddPianist(), w.Users.AddPianist()
	w.Courses.Add("piano", nil)

	for range 3 {
		g.Expect(w.Recommendations.Welcome(t.Context(), student)).To(Succeed())
	}

	g.Expect(w.Recommendations.Welcome(t.Context(), other)).To(Succeed())

	for range 2 {
		_, err := w.Recommendations.Generate(t.Context(), student, recommendation.Overrides{})
		g.Expect(err).NotTo(HaveOccurred())
	}

	found, err := w.Recommendations.List(t.Context(), student, nil, 10)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found.Items).To(HaveExactElements(
		HaveField("Origin", recommendation.OnRequest), HaveField("Origin", recommendation.OnRequest),
		HaveField("Origin", recommendation.OnRegistration)))
	g.Expect(w.Recommendations.Latest(t.Context(), other)).To(HaveField("Origin", recommendation.OnRegistration))
}
