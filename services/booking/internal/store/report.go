package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/postgres"
)

// grouping is the SQL by which rows are grouped, and that of the key which a group shows. Rows are a hundred thousand,
// groups are few: so writing a date, and comparing texts as people would, is left out for the rows.
type grouping struct{ by, key string }

// groupings are those of the reports; $1 is the time zone.
var groupings = map[booking.Grouping]grouping{
	booking.ByDay:        {"date_trunc('day', created_at AT TIME ZONE $1)", "to_char(grouped, 'YYYY-MM-DD')"},
	booking.ByWeek:       {"date_trunc('week', created_at AT TIME ZONE $1)", `to_char(grouped, 'IYYY-"W"IW')`},
	booking.ByMonth:      {"date_trunc('month', created_at AT TIME ZONE $1)", "to_char(grouped, 'YYYY-MM')"},
	booking.ByCourse:     {`coalesce(course_name, '') COLLATE "C"`, "grouped"},
	booking.ByInstrument: {`coalesce(instrument, '') COLLATE "C"`, "grouped"},
}

// sortInMemory keeps the sorting for the medians off the disk.
const sortInMemory = `SET LOCAL work_mem = '64MB'`

// Report implements booking.Store, in one statement that the index alone can answer. The median is taken of each group's
// array: as an aggregate beside the counts it would have all rows sorted by their group first.
func (s *Store) Report(ctx context.Context, q booking.ReportQuery) (found []booking.ReportRow, err error) {
	g := groupings[q.By]
	sql := `
		SELECT ` + g.key + ` AS key, created, confirmed, rejected, expired, cancelled,
			(SELECT round((percentile_cont(0.5) WITHIN GROUP (ORDER BY second) / 3600)::numeric, 2)::float8
				FROM unnest(seconds) AS second) AS median_hours
		FROM (
			SELECT ` + g.by + ` AS grouped,
				count(*) AS created,
				count(*) FILTER (WHERE status = 'confirmed') AS confirmed,
				count(*) FILTER (WHERE status = 'rejected' AND status_reason = 'admin') AS rejected,
				count(*) FILTER (WHERE status = 'rejected' AND status_reason = 'expired') AS expired,
				count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
				array_agg(date_part('epoch', decided_at - created_at))
					FILTER (WHERE status = 'confirmed' OR status = 'rejected' AND status_reason = 'admin') AS seconds
			FROM booking.bookings
			WHERE status <> 'holding' AND $1::text IS NOT NULL
				AND created_at >= coalesce($2, least($3, now()) - interval '90 days') AND created_at < coalesce($3, now())
			GROUP BY 1) AS counted
		ORDER BY grouped`

	err = postgres.InSnapshot(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sortInMemory); err != nil {
			return err
		}

		found, err = postgres.List(ctx, tx, pgx.RowToStructByName[booking.ReportRow], sql, q.Zone, q.From, q.To)

		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count bookings: %w", err)
	}

	return found, nil
}
