package course

import (
	"time"

	"github.com/google/uuid"
)

// Teacher is the account that gives a course's lessons, by its address; nil where none is named.
type Teacher struct {
	CourseID uuid.UUID
	Email    *string
}

// Grouping is what a report of slots counts by.
type Grouping string

// The groupings: a course's name, a teacher's shown name, or weekday and hour as in "monday 16".
const (
	ByCourse      Grouping = "course"
	ByTeacher     Grouping = "teacher"
	ByWeekdayHour Grouping = "weekday_hour"
)

// OccupancyQuery chooses slots by their start: From is inclusive, nil is 90 days before now, or before To where that is
// earlier; To is exclusive, nil is no end.
// Weekdays and hours are those of the time zone Zone.
type OccupancyQuery struct {
	By       Grouping
	From, To *time.Time
	Zone     string
}

// Occupancy is how many slots there are under one key, and how many of them are held.
type Occupancy struct {
	Key                     string
	Slots, Reserved, Booked int64
}
