package score

import (
	"math/bits"
	"slices"
)

// Days is a set of weekdays.
type Days uint8

// weekdays are the names of the contract; a day's bit is its place here.
var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// ParseDays returns the set of the named days. What is not the name of a day is no day.
func ParseDays(names []string) Days {
	var days Days
	for _, name := range names {
		if i := slices.Index(weekdays, name); i >= 0 {
			days |= 1 << i
		}
	}

	return days
}

// Len returns how many days there are.
func (d Days) Len() int { return bits.OnesCount8(uint8(d)) }

// Names returns the days from Monday to Sunday.
func (d Days) Names() []string {
	names := make([]string, 0, d.Len())
	for i, name := range weekdays {
		if d&(1<<i) != 0 {
			names = append(names, name)
		}
	}

	return names
}
