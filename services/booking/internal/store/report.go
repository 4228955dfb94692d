package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/postgres"
)

// keys are the SQL of the reports' keys; $1 is the time zone. They sort as they read.
var keys = map[booking.Grouping]string{
	booking.ByDay:        "to_char(created_at AT TIME ZONE $1, 'YYYY-MM-DD')",
	booking.ByWeek:       `to_char(created_at AT TIME ZONE $1, 'IYYY-"W"IW')`,
	booking.ByMonth:      "to_char(created_at AT TIME ZONE $1, 'YYYY-MM')",
	booking.ByCourse:     "coalesce(course_name, '')",
	booking.ByInstrument: "coalesce(instrument, '')",
}

// Report implements booking.Store, in one statement that the index alone can answer.
func (s *Store) Report(ctx context.Context, q booking.ReportQuery) ([]booking.ReportRow, error) {
	found, err := postgres.List(ctx, s.pool, pgx.RowToStructByName[booking.ReportRow], `
		SELECT `+keys[q.By]+` AS key,
			count(*) AS created,
			count(*) FILTER (WHERE status = 'confirmed') AS confirmed,
			count(*) FILTER (WHERE status = 'rejected' AND status_reason = 'admin') AS rejected,
			count(*) FILTER (WHERE status = 'rejected' AND status_reason = 'expired') AS expired,
			count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
			round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - created_at) / 3600)
				FILTER (WHERE status = 'confirmed' OR status = 'rejected' AND status_reason = 'admin'))::numeric, 2)::float8
				AS median_hours
		FROM booking.bookings
		WHERE status <> 'holding' AND $1::text IS NOT NULL
			AND created_at >= coalesce($2, now() - interval '90 days') AND created_at < coalesce($3, now())
		GROUP BY 1 ORDER BY 1`, q.Zone, q.From, q.To)
	if err != nil {
		return nil, fmt.Errorf("count bookings: %w", err)
	}

	return found, nil
}
