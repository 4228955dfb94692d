package ranking

import (
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// modelQuestion is what the model gets: nothing that says who is asking.
type modelQuestion struct {
	Preferences modelPreferences `json:"preferences"`
	Courses     []modelCourse    `json:"courses"`
}

// modelPreferences has null and empty lists for what was not said.
type modelPreferences struct {
	ExperienceLevel      *string  `json:"experience_level"`
	LearningGoal         *string  `json:"learning_goal"`
	PreferredInstruments []string `json:"preferred_instruments"`
	BudgetRange          *string  `json:"budget_range"`
	AvailableDays        []string `json:"available_days"`
}

type modelCourse struct {
	ID              uuid.UUID  `json:"id"`
	Title           string     `json:"title"`
	Instrument      string     `json:"instrument"`
	Level           string     `json:"level"`
	PriceCategory   string     `json:"price_category"`
	AvailableDays   []string   `json:"available_days"`
	NextAvailableAt *time.Time `json:"next_available_at"`
	Score           float64    `json:"score"`
}

type modelAnswer struct {
	CourseIDs []uuid.UUID `json:"course_ids"`
}

func question(wish score.Preferences, courses []score.Scored) modelQuestion {
	q := modelQuestion{
		Preferences: modelPreferences{
			ExperienceLevel:      said(wish.ExperienceLevel),
			LearningGoal:         said(wish.LearningGoal),
			PreferredInstruments: append([]string{}, wish.Instruments...),
			BudgetRange:          said(wish.BudgetRange),
			AvailableDays:        wish.Days.Names(),
		},
		Courses: make([]modelCourse, len(courses)),
	}
	for i, s := range courses {
		c := s.Course
		q.Courses[i] = modelCourse{
			ID:              c.ID,
			Title:           c.Title,
			Instrument:      c.Instrument,
			Level:           c.Level,
			PriceCategory:   c.PriceCategory,
			AvailableDays:   c.Days.Names(),
			NextAvailableAt: c.NextAvailable,
			Score:           s.Points.Score(),
		}
	}

	return q
}

func said(text string) *string {
	if text == "" {
		return nil
	}

	return &text
}
