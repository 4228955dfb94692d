// Package recommendation decides which courses a person is recommended, and remembers it.
package recommendation

import (
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// MaxItems is how many courses a recommendation has at most.
const MaxItems = 5

// Origin says what a recommendation was made for.
type Origin string

// OnRequest are recommendations that a student asked for; OnRegistration is the one that every student gets once.
const (
	OnRequest      Origin = "request"
	OnRegistration Origin = "registration"
)

// Recommendation is what a person was recommended at one time, best first.
type Recommendation struct {
	ID, UserID uuid.UUID
	Origin     Origin
	Items      []Item
	CreatedAt  time.Time
}

// Item is one recommended course. The tags of it and of what it holds are for the store.
type Item struct {
	Course  Course       `json:"course"`
	Points  score.Points `json:"points"`
	Reasons []Reason     `json:"reasons"`
}

// Course is a course as it was when it was recommended, so that the history can be read when it has changed or gone.
type Course struct {
	ID            uuid.UUID `json:"id"`
	Name          string    `json:"name"`
	Title         string    `json:"title"`
	Description   string    `json:"description"`
	Instrument    string    `json:"instrument"`
	Level         string    `json:"level"`
	PriceCategory string    `json:"price_category"`
	Price         *string   `json:"price"`
	Currency      *string   `json:"currency"`
	Teacher       *string   `json:"teacher"`
	ImageURL      *string   `json:"image_url"`
	// Packages is nil in recommendations that are older than packages.
	Packages      []Package `json:"packages"`
	AvailableDays []string  `json:"available_days"`
	// NextSlotAt is the start of the slot that could be booked next.
	NextSlotAt *time.Time `json:"next_slot_at"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
}

// Package is several lessons that are sold together.
type Package struct {
	Name     string  `json:"name"`
	Title    string  `json:"title"`
	Lessons  int     `json:"lessons"`
	Price    *string `json:"price"`
	Currency *string `json:"currency"`
}

// Overrides replace preferences of the profile for one recommendation; nil leaves the profile's.
type Overrides struct {
	ExperienceLevel, LearningGoal, BudgetRange *string
	Instruments, AvailableDays                 *[]string
}

// over returns the preferences with the overrides in their place.
func (o Overrides) over(p score.Preferences) score.Preferences {
	replace(&p.ExperienceLevel, o.ExperienceLevel)
	replace(&p.LearningGoal, o.LearningGoal)
	replace(&p.BudgetRange, o.BudgetRange)
	replace(&p.Instruments, o.Instruments)

	if o.AvailableDays != nil {
		p.Days = score.ParseDays(*o.AvailableDays)
	}

	return p
}

func replace[T any](value, by *T) {
	if by != nil {
		*value = *by
	}
}

// Position is a recommendation's place in a list.
type Position struct {
	CreatedAt time.Time `json:"t"`
	ID        uuid.UUID `json:"i"`
}

// Page is a part of a list, and where the next part begins; Next is nil on the last one.
type Page struct {
	Items []Recommendation
	Next  *Position
}
