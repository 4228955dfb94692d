package notification

import (
	"fmt"
	"time"

	"github.com/shema-music/shema/services/user/internal/user"
)

var (
	indonesianDays = [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}
	// Months are counted from 1.
	indonesianMonths = [...]string{
		"", "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember",
	}
)

// period writes when a slot is, on the clock of the place where it is: "Monday, 4 January 2027, 16:00–17:00 WIB
// (Asia/Jakarta)". Where the clocks change in between, each end has its own zone. No slot gives nothing.
func period(s *Slot, language user.Language) string {
	if s == nil {
		return ""
	}

	at := load(s.TimeZone)
	start, end := s.StartsAt.In(at), s.EndsAt.In(at)

	from := clock(start, language)
	if start.Format("MST") != end.Format("MST") { // the clocks change in between
		from += " " + start.Format("MST")
	}

	return fmt.Sprintf("%s, %s–%s %s", day(start, language), from, clock(end, language), zone(end))
}

// moment writes a point in time likewise.
func moment(t time.Time, timeZone string, language user.Language) string {
	t = t.In(load(timeZone))
	return fmt.Sprintf("%s, %s %s", day(t, language), clock(t, language), zone(t))
}

func load(timeZone string) *time.Location {
	at, err := time.LoadLocation(timeZone)
	if err != nil {
		return time.UTC
	}

	return at
}

func day(t time.Time, language user.Language) string {
	if language == user.Indonesian {
		return fmt.Sprintf("%s, %d %s %d", indonesianDays[t.Weekday()], t.Day(), indonesianMonths[t.Month()], t.Year())
	}

	return t.Format("Monday, 2 January 2006")
}

func clock(t time.Time, language user.Language) string {
	if language == user.Indonesian {
		return t.Format("15.04")
	}

	return t.Format("15:04")
}

// zone writes the zone's short name and its place; UTC has no place.
func zone(t time.Time) string {
	short := t.Format("MST")
	if t.Location() == time.UTC {
		return short
	}

	return fmt.Sprintf("%s (%s)", short, t.Location())
}
