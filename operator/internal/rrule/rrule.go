// Package rrule expands recurrence rules of RFC 5545, section 3.3.10, into days.
// It takes the frequencies DAILY, WEEKLY and MONTHLY with every part that they
// may have, except those that divide a day (BYHOUR, BYMINUTE, BYSECOND).
//
// Why there is an expansion of our own: docs/adr/0014-recurrence.md.
package rrule

import (
	"iter"
	"slices"
	"time"
)

// searchYears bounds how far after its start a rule is searched for days, so
// that one that never gives any costs about a millisecond.
const searchYears = 100

// Frequency is the period of which a rule chooses days.
type Frequency string

// The frequencies.
const (
	Daily   Frequency = "DAILY"
	Weekly  Frequency = "WEEKLY"
	Monthly Frequency = "MONTHLY"
)

// Rule is a recurrence rule; Parse makes it.
type Rule struct {
	frequency Frequency
	// interval says that only every so manieth period counts; at least 1.
	interval int
	// count is the number of days after which the rule ends; 0 is no end.
	count      int
	until      until
	byDay      []weekday
	byMonthDay []int
	byMonth    []int
	bySetPos   []int
	weekStart  time.Weekday
}

// weekday is one item of BYDAY. A number counts the weekday within the month,
// from the end if it is negative; 0 means every one.
type weekday struct {
	number int
	day    time.Weekday
}

// until is the part UNTIL: a day or a moment, or neither.
type until struct {
	day    *Day
	moment *time.Time
}

// Ended reports whether the part UNTIL has ended the rule before the lesson on
// this day, which begins at this moment.
func (r *Rule) Ended(day Day, begins time.Time) bool {
	switch {
	case r.until.moment != nil:
		return begins.After(*r.until.moment)
	case r.until.day != nil:
		return day > *r.until.day
	default:
		return false
	}
}

// Days yields the days of the rule in order. It starts at the start, which is
// among them only if the rule includes it, and ends after COUNT days, at most a
// hundred years later. UNTIL does not end it, because that may be a moment; see
// Ended.
func (r *Rule) Days(start Day) iter.Seq[Day] {
	return func(yield func(Day) bool) {
		given := 0

		for instances := range r.sets(start) {
			for _, day := range instances {
				if day < start {
					continue
				}

				if !yield(day) {
					return
				}

				given++
				if given == r.count {
					return
				}
			}
		}
	}
}

// sets yields the recurrence set of every period that counts. The first one may
// begin before the start: BYSETPOS counts all days of the period. A set is valid
// until the next one.
func (r *Rule) sets(start Day) iter.Seq[[]Day] {
	return func(yield func([]Day) bool) {
		choose := r.chooser(start)
		year, name, date := start.Date()
		end := DayOf(year+searchYears, name, date)

		for n := 0; ; n += r.interval {
			from, length := r.period(start, n)
			if from > end || !yield(r.positions(choose(from, length))) {
				return
			}
		}
	}
}

// period returns the first day and the length of the nth period from that of
// the start, which is the period 0.
func (r *Rule) period(start Day, n int) (from Day, length int) {
	switch r.frequency {
	case Weekly:
		return start.startOfWeek(r.weekStart) + Day(n*daysPerWeek), daysPerWeek
	case Monthly:
		year, name, _ := start.Date()
		m := monthAt(year, name+time.Month(n))

		return m.first, m.length
	default:
		return start + Day(n), 1
	}
}

// chooser returns how the days of a period are chosen. What the rule leaves
// open comes from the start: the day of the week or of the month.
func (r *Rule) chooser(start Day) func(from Day, length int) []Day {
	byDay, byMonthDay := r.byDay, r.byMonthDay
	if len(byDay)+len(byMonthDay) == 0 {
		switch r.frequency {
		case Weekly:
			byDay = []weekday{{day: start.Weekday()}}
		case Monthly:
			_, _, date := start.Date()
			byMonthDay = []int{date}
		case Daily:
		}
	}

	set := make([]Day, 0, daysPerWeek)
	m := monthOf(start)

	return func(from Day, length int) []Day {
		set = set[:0]

		for day := from; day < from+Day(length); day++ {
			if !m.contains(day) {
				m = monthOf(day)
			}

			if r.inMonth(m) && dateChosen(byMonthDay, day, m) && weekdayChosen(byDay, day, m) {
				set = append(set, day)
			}
		}

		return set
	}
}

func (r *Rule) inMonth(m month) bool {
	return len(r.byMonth) == 0 || slices.Contains(r.byMonth, int(m.name))
}

func dateChosen(dates []int, day Day, m month) bool {
	if len(dates) == 0 {
		return true
	}

	date := int(day-m.first) + 1

	return slices.Contains(dates, date) || slices.Contains(dates, date-m.length-1)
}

func weekdayChosen(weekdays []weekday, day Day, m month) bool {
	if len(weekdays) == 0 {
		return true
	}

	before, after := int(day-m.first), int(m.first)+m.length-1-int(day)
	number, fromEnd := before/daysPerWeek+1, -after/daysPerWeek-1

	return slices.ContainsFunc(weekdays, func(w weekday) bool {
		return w.day == day.Weekday() && (w.number == 0 || w.number == number || w.number == fromEnd)
	})
}

// positions chooses from the set of a period what BYSETPOS names.
func (r *Rule) positions(set []Day) []Day {
	if len(r.bySetPos) == 0 {
		return set
	}

	chosen := make([]Day, 0, len(r.bySetPos))
	for i, day := range set {
		if slices.Contains(r.bySetPos, i+1) || slices.Contains(r.bySetPos, i-len(set)) {
			chosen = append(chosen, day)
		}
	}

	return chosen
}
