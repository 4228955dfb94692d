package rrule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The largest numbers that a part may have.
const (
	maxNumber   = 9999
	maxWeek     = 53
	maxMonthDay = 31
	maxMonth    = 12
	maxPosition = 366
)

var weekdays = map[string]time.Weekday{
	"SU": time.Sunday,
	"MO": time.Monday,
	"TU": time.Tuesday,
	"WE": time.Wednesday,
	"TH": time.Thursday,
	"FR": time.Friday,
	"SA": time.Saturday,
}

// Parse reads a rule such as FREQ=WEEKLY;BYDAY=MO,WE, in capitals. The error is
// half a sentence that says what is wrong, for example "BYMONTHDAY must not be
// used with FREQ=WEEKLY".
func Parse(text string) (*Rule, error) {
	r := &Rule{interval: 1, weekStart: time.Monday}
	seen := map[string]bool{}

	for part := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || value == "" {
			return nil, fmt.Errorf("has the part %q, which is not NAME=VALUE", part)
		}

		if seen[name] {
			return nil, fmt.Errorf("has %s twice", name)
		}

		seen[name] = true
		if err := r.read(name, value); err != nil {
			return nil, err
		}
	}

	return r, r.check(seen)
}

func (r *Rule) read(name, value string) error {
	var err error
	switch name {
	case "FREQ":
		r.frequency = Frequency(value)
	case "INTERVAL":
		r.interval, err = number(value, maxNumber)
	case "COUNT":
		r.count, err = number(value, maxNumber)
	case "UNTIL":
		r.until, err = parseUntil(value)
	case "BYDAY":
		r.byDay, err = list(value, parseWeekday)
	case "BYMONTHDAY":
		r.byMonthDay, err = list(value, signed(maxMonthDay))
	case "BYMONTH":
		r.byMonth, err = list(value, func(item string) (int, error) { return number(item, maxMonth) })
	case "BYSETPOS":
		r.bySetPos, err = list(value, signed(maxPosition))
	case "WKST":
		r.weekStart, err = parseDayName(value)
	case "BYYEARDAY", "BYWEEKNO":
		return fmt.Errorf("has %s, which RFC 5545 allows in yearly rules only", name)
	default:
		return fmt.Errorf("has the part %s, which is not one of FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST", name)
	}

	if err != nil {
		return fmt.Errorf("has a wrong %s: %w", name, err)
	}

	return nil
}

// check refuses the combinations that RFC 5545 forbids.
func (r *Rule) check(seen map[string]bool) error {
	numbered := false
	for _, w := range r.byDay {
		numbered = numbered || w.number != 0
	}

	switch {
	case r.frequency != Daily && r.frequency != Weekly && r.frequency != Monthly:
		return errors.New("must have the frequency DAILY, WEEKLY or MONTHLY")
	case seen["COUNT"] && seen["UNTIL"]:
		return errors.New("must not have both COUNT and UNTIL")
	case numbered && r.frequency != Monthly:
		return fmt.Errorf("must not have numbers in BYDAY with FREQ=%s", r.frequency)
	case seen["BYMONTHDAY"] && r.frequency == Weekly:
		return errors.New("must not have BYMONTHDAY with FREQ=WEEKLY")
	case seen["BYSETPOS"] && !seen["BYDAY"] && !seen["BYMONTHDAY"] && !seen["BYMONTH"]:
		return errors.New("must not have BYSETPOS without BYDAY, BYMONTHDAY or BYMONTH")
	default:
		return nil
	}
}

// parseUntil reads a day, 20270630, or a moment in UTC, 20270630T090000Z.
func parseUntil(value string) (until, error) {
	if day, err := time.Parse("20060102", value); err == nil {
		return until{day: new(Day(day.Unix() / secondsPerDay))}, nil
	}

	moment, err := time.Parse("20060102T150405Z", value)
	if err != nil {
		return until{}, fmt.Errorf("%q is neither a day such as 20270630 nor a time in UTC such as 20270630T090000Z", value)
	}

	return until{moment: &moment}, nil
}

func parseWeekday(item string) (weekday, error) {
	const nameLength = 2

	split := max(0, len(item)-nameLength)

	day, err := parseDayName(item[split:])
	if err != nil || split == 0 {
		return weekday{day: day}, err
	}

	n, err := signed(maxWeek)(item[:split])

	return weekday{number: n, day: day}, err
}

func parseDayName(name string) (time.Weekday, error) {
	day, ok := weekdays[name]
	if !ok {
		return 0, fmt.Errorf("%q is no day; the days are MO, TU, WE, TH, FR, SA and SU", name)
	}

	return day, nil
}

// list reads items that commas separate.
func list[T any](value string, read func(string) (T, error)) ([]T, error) {
	var items []T
	for text := range strings.SplitSeq(value, ",") {
		item, err := read(text)
		if err != nil {
			return nil, err
		}

		items = append(items, item)
	}

	return items, nil
}

// signed returns a reader of numbers from 1 to the largest, or the negatives of
// those.
func signed(largest int) func(string) (int, error) {
	return func(item string) (int, error) {
		if digits, ok := strings.CutPrefix(item, "-"); ok {
			n, err := number(digits, largest)
			return -n, err
		}

		return number(strings.TrimPrefix(item, "+"), largest)
	}
}

// number reads digits that give a number from 1 to the largest.
func number(digits string, largest int) (int, error) {
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 || n > uint64(largest) { //nolint:gosec // the largest is a constant above zero
		return 0, fmt.Errorf("%q is no number from 1 to %d", digits, largest)
	}

	return int(n), nil
}
