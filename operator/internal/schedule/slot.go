// Package schedule turns what a Schedule says into slots. It is pure: the same
// Schedule at the same moment always gives the same slots.
package schedule

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Slot is one bookable lesson.
type Slot struct {
	// ID follows from the Schedule's uid and the start alone, so that a slot
	// keeps its id however often it is computed.
	ID uuid.UUID
	// Start and End are in UTC.
	Start, End time.Time
	// Day is the local day of the rule's date, written YYYY-MM-DD.
	Day string
	// OneOff is true for a slot that is listed one by one, not made by a rule.
	OneOff bool
}

// InvalidError says which field of a Schedule cannot be turned into slots, why,
// and what would help.
type InvalidError struct {
	// Field is the path of the field, for example spec.timeZone.
	Field string
	// Problem is the rest of the sentence.
	Problem string
}

// Error returns the field and its problem in one sentence.
func (e *InvalidError) Error() string { return e.Field + " " + e.Problem }

func invalid(field, format string, args ...any) *InvalidError {
	return &InvalidError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// SlotID returns the id of the slot that the Schedule with this uid has at this
// start: a UUIDv5 of the instant in a namespace that belongs to the uid.
func SlotID(scheduleUID string, start time.Time) uuid.UUID {
	namespace := uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://catalog.shema.music/schedules/"+scheduleUID))
	return uuid.NewSHA1(namespace, []byte(start.UTC().Format(time.RFC3339)))
}
