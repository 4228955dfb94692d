package rrule_test

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// reference is an expansion that follows the text of RFC 5545, section 3.3.10,
// sentence by sentence. It shares nothing with the package: it keeps the rule as
// text, lets package time do the calendar, and builds each set by the table of
// the RFC, in which a part expands what the frequency gives or limits it.
type reference struct {
	parts map[string]string
	start time.Time
}

func newReference(rule string, start time.Time) reference {
	parts := map[string]string{}
	for part := range strings.SplitSeq(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = value
	}

	return reference{parts, start}
}

// days returns the days up to and including the last one.
func (r reference) days(last time.Time) []string {
	var days []string

	count := numbers(r.parts["COUNT"])

	for _, period := range r.periods(last) {
		for _, day := range r.set(period) {
			enough := len(count) == 1 && len(days) == count[0]
			if day.Before(r.start) || day.After(last) || enough {
				continue
			}

			days = append(days, day.Format(time.DateOnly))
		}
	}

	return days
}

// periods: "The INTERVAL rule part contains a positive integer representing at
// which intervals the recurrence rule repeats. The default value is 1, meaning
// every day for a DAILY rule, every week for a WEEKLY rule, every month for a
// MONTHLY rule." "The WKST rule part specifies the day on which the workweek
// starts. The default value is MO."
func (r reference) periods(last time.Time) []time.Time {
	interval := 1
	if given := numbers(r.parts["INTERVAL"]); len(given) == 1 {
		interval = given[0]
	}

	at := r.start
	switch r.parts["FREQ"] {
	case "WEEKLY":
		first, ok := r.parts["WKST"]
		for !ok && name(at) != "MO" || ok && name(at) != first {
			at = at.AddDate(0, 0, -1)
		}
	case "MONTHLY":
		at = at.AddDate(0, 0, 1-at.Day())
	}

	var periods []time.Time
	for !at.After(last) {
		periods = append(periods, at)
		switch r.parts["FREQ"] {
		case "WEEKLY":
			at = at.AddDate(0, 0, 7*interval)
		case "MONTHLY":
			at = at.AddDate(0, interval, 0)
		default:
			at = at.AddDate(0, 0, interval)
		}
	}

	return periods
}

// set: "If multiple BYxxx rule parts are specified, then after evaluating the
// specified FREQ and INTERVAL rule parts, the BYxxx rule parts are applied to
// the current set of evaluated occurrences in the following order: BYMONTH,
// BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSECOND and
// BYSETPOS; then COUNT and UNTIL are evaluated."
func (r reference) set(period time.Time) []time.Time {
	var set []time.Time
	switch r.parts["FREQ"] {
	case "DAILY":
		set = r.limitMonthDay(r.limitMonth([]time.Time{period}))
		set = r.limitDay(set)
	case "WEEKLY":
		set = r.limitMonth(r.expandDayInWeek(period))
	case "MONTHLY":
		if len(r.limitMonth([]time.Time{period})) == 0 {
			return nil
		}

		set = r.expandMonth(period)
	}

	slices.SortFunc(set, time.Time.Compare)
	set = slices.CompactFunc(set, time.Time.Equal)

	return r.positions(set)
}

func (r reference) limitMonth(set []time.Time) []time.Time {
	months := numbers(r.parts["BYMONTH"])

	return keep(set, func(day time.Time) bool {
		return len(months) == 0 || slices.Contains(months, int(day.Month()))
	})
}

// limitMonthDay: "Valid values are 1 to 31 or -31 to -1. For example, -10
// represents the tenth to the last day of the month."
func (r reference) limitMonthDay(set []time.Time) []time.Time {
	dates := numbers(r.parts["BYMONTHDAY"])

	return keep(set, func(day time.Time) bool {
		return len(dates) == 0 || slices.ContainsFunc(dates, func(n int) bool {
			if n > 0 {
				return day.Day() == n
			}

			last := day.AddDate(0, 0, -n-1)

			return last.Month() == day.Month() && last.AddDate(0, 0, 1).Month() != day.Month() && -n <= 31
		})
	})
}

// limitDay: "Each BYDAY value can also be preceded by a positive (+n) or
// negative (-n) integer. If present, this indicates the nth occurrence of a
// specific day within the MONTHLY or YEARLY RRULE. For example, within a MONTHLY
// rule, +1MO (or simply 1MO) represents the first Monday within the month,
// whereas -1MO represents the last Monday of the month. [...] If an integer
// modifier is not present, it means all days of this type within the specified
// frequency."
func (r reference) limitDay(set []time.Time) []time.Time {
	items, ok := r.parts["BYDAY"]

	return keep(set, func(day time.Time) bool {
		return !ok || slices.ContainsFunc(strings.Split(items, ","), func(item string) bool {
			number := numbers(item[:len(item)-2])
			if name(day) != item[len(item)-2:] {
				return false
			}

			return len(number) == 0 || number[0] == occurrence(day, -7) || number[0] == -occurrence(day, 7)
		})
	})
}

// occurrence counts the same weekdays of the month in one direction.
func occurrence(day time.Time, step int) int {
	count := 1
	for at := day.AddDate(0, 0, step); at.Month() == day.Month(); at = at.AddDate(0, 0, step) {
		count++
	}

	return count
}

// expandDayInWeek: "BYDAY expands a WEEKLY rule". "Information, not contained in
// the rule, necessary to determine the various recurrence instance start time
// and dates are derived from the Start Time (DTSTART) component attribute. For
// example, 'FREQ=YEARLY;BYMONTH=1' doesn't specify a specific day within the
// month or a time. This information would be the same as what is specified for
// DTSTART."
func (r reference) expandDayInWeek(week time.Time) []time.Time {
	var days []time.Time
	for i := range 7 {
		days = append(days, week.AddDate(0, 0, i))
	}

	if r.parts["BYDAY"] == "" {
		return keep(days, func(day time.Time) bool { return day.Weekday() == r.start.Weekday() })
	}

	return r.limitDay(days)
}

// expandMonth: BYMONTHDAY expands a MONTHLY rule; BYDAY "limits if BYMONTHDAY is
// present; otherwise, special expand for MONTHLY". "Recurrence rules may
// generate recurrence instances with an invalid date (e.g., February 30) [...]
// such recurrence instances MUST be ignored".
func (r reference) expandMonth(first time.Time) []time.Time {
	var days []time.Time
	for at := first; at.Month() == first.Month(); at = at.AddDate(0, 0, 1) {
		days = append(days, at)
	}

	if r.parts["BYMONTHDAY"] == "" && r.parts["BYDAY"] == "" {
		return keep(days, func(day time.Time) bool { return day.Day() == r.start.Day() })
	}

	return r.limitDay(r.limitMonthDay(days))
}

// positions: "Each BYSETPOS value corresponds to the nth occurrence within the
// set of recurrence instances specified by the rule. BYSETPOS operates on a set
// of recurrence instances in one interval of the recurrence rule. [...] Valid
// values are 1 to 366 or -366 to -1."
func (r reference) positions(set []time.Time) []time.Time {
	positions := numbers(r.parts["BYSETPOS"])
	if len(positions) == 0 {
		return set
	}

	var chosen []time.Time
	for _, n := range positions {
		if n < 0 {
			n += len(set) + 1
		}

		if n >= 1 && n <= len(set) {
			chosen = append(chosen, set[n-1])
		}
	}

	slices.SortFunc(chosen, time.Time.Compare)

	return slices.CompactFunc(chosen, time.Time.Equal)
}

func name(day time.Time) string {
	return strings.ToUpper(day.Weekday().String()[:2])
}

func keep(set []time.Time, wanted func(time.Time) bool) []time.Time {
	var kept []time.Time
	for _, day := range set {
		if wanted(day) {
			kept = append(kept, day)
		}
	}

	return kept
}

// numbers reads a list of numbers; an empty text is an empty list.
func numbers(text string) []int {
	var list []int
	for item := range strings.SplitSeq(text, ",") {
		if n, err := strconv.Atoi(item); err == nil {
			list = append(list, n)
		}
	}

	return list
}
