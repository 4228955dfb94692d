package schedule

import "time"

// wall is a local time without zone: a day and a time of the day, held in a
// time.Time whose zone means nothing.
type wall time.Time

func parseWall(layout, text string) (wall, error) {
	t, err := time.Parse(layout, text)
	return wall(t), err
}

// day returns the calendar day, written YYYY-MM-DD.
func (w wall) day() string { return time.Time(w).Format(time.DateOnly) }

// in returns the moment at which the clocks of the zone show w. Of two such
// moments it is the first; if the clocks skip w, the gap is added.
//
// time.Date leaves both cases open, therefore the neighbouring offsets are
// tried one by one.
func (w wall) in(zone *time.Location) time.Time {
	t := time.Time(w)
	near := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, zone)

	from, to := near.ZoneBounds()
	if first, ok := w.shownAt(zone, near, from, to); ok {
		return first
	}

	for _, change := range []time.Time{from, to} {
		if !change.IsZero() && w.skippedBy(change) {
			return w.minus(offset(change.Add(-time.Second)))
		}
	}

	return near.UTC()
}

// shownAt returns the earliest moment at which the zone's clocks show w, if
// there is one.
func (w wall) shownAt(zone *time.Location, near, from, to time.Time) (time.Time, bool) {
	candidates := []time.Duration{offset(near)}
	if !from.IsZero() {
		candidates = append(candidates, offset(from.Add(-time.Second)))
	}

	if !to.IsZero() {
		candidates = append(candidates, offset(to))
	}

	var first time.Time
	for _, candidate := range candidates {
		moment := w.minus(candidate)

		shown := offset(moment.In(zone)) == candidate
		if shown && (first.IsZero() || moment.Before(first)) {
			first = moment
		}
	}

	return first, !first.IsZero()
}

// skippedBy reports whether w lies in the gap that the clock change leaves.
func (w wall) skippedBy(change time.Time) bool {
	before := w.minus(offset(change.Add(-time.Second)))
	after := w.minus(offset(change))
	return !before.Before(change) && after.Before(change)
}

// minus returns the moment at which clocks with this offset to UTC show w.
func (w wall) minus(offset time.Duration) time.Time {
	return time.Time(w).Add(-offset).UTC()
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
