package booking

import (
	"context"
	"time"
)

// Grouping is what a report of bookings counts by.
type Grouping string

// The groupings: the day, ISO week or month of the creation, the course's name, or the instrument.
const (
	ByDay        Grouping = "day"
	ByWeek       Grouping = "week"
	ByMonth      Grouping = "month"
	ByCourse     Grouping = "course"
	ByInstrument Grouping = "instrument"
)

// ReportQuery chooses bookings by their creation: From is inclusive, nil is 90 days before now, or before To where that is
// earlier; To is exclusive, nil is now. Days are those of the time zone Zone.
type ReportQuery struct {
	By       Grouping
	From, To *time.Time
	Zone     string
}

// ReportRow is how many bookings were made under one key, and what they are now. Expired ones are not among the rejected.
// MedianHours is from the creation to the admin's confirmation or rejection, nil where there was none.
type ReportRow struct {
	Key                                              string
	Created, Confirmed, Rejected, Expired, Cancelled int64
	MedianHours                                      *float64
}

// Report counts bookings by what they are now, by key.
func (s *Service) Report(ctx context.Context, q ReportQuery) ([]ReportRow, error) {
	return s.store.Report(ctx, q)
}
