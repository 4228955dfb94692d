package rrule

import "time"

const (
	daysPerWeek   = 7
	secondsPerDay = 24 * 60 * 60
)

// Day is a day of the Gregorian calendar, counted from 1970-01-01, which is 0.
// A rule of ours counts days, not moments, so that no time zone gets into it.
type Day int

// DayOf returns the day of this date. Values out of range carry over, as they
// do in time.Date.
func DayOf(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// ParseDay reads a day that is written YYYY-MM-DD.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	return Day(t.Unix() / secondsPerDay), err
}

// String writes the day as YYYY-MM-DD.
func (d Day) String() string { return d.Midnight().Format(time.DateOnly) }

// Midnight returns the moment at which the day begins in UTC.
func (d Day) Midnight() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// Date returns the year, the month and the day of the month.
func (d Day) Date() (int, time.Month, int) { return d.Midnight().Date() }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday {
	const thursday = 4 // 1970-01-01
	return time.Weekday(modulo(int(d)+thursday, daysPerWeek))
}

// startOfWeek returns the day on which the week of this day begins.
func (d Day) startOfWeek(first time.Weekday) Day {
	return d - Day(modulo(int(d.Weekday()-first), daysPerWeek))
}

// month is one month of one year.
type month struct {
	first Day
	name  time.Month
	// length is the number of its days.
	length int
}

func monthOf(d Day) month {
	year, name, _ := d.Date()
	return monthAt(year, name)
}

// monthAt returns a month; values out of range carry over.
func monthAt(year int, name time.Month) month {
	first, next := DayOf(year, name, 1), DayOf(year, name+1, 1)
	_, name, _ = first.Date()

	return month{first: first, name: name, length: int(next - first)}
}

func (m month) contains(d Day) bool { return d >= m.first && d < m.first+Day(m.length) }

// modulo is the remainder that is never negative.
func modulo(a, n int) int { return (a%n + n) % n }
