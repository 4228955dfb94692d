package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/postgres"
)

// bookingsIn are those of the report's time: $2 is its beginning, $3 its end.
const bookingsIn = `FROM booking.bookings WHERE status <> 'holding'
	AND created_at >= coalesce($2, least($3, now()) - interval '90 days') AND created_at < coalesce($3, now())`

// decided holds for what an admin has decided, and secondsToDecide is how long that took.
const (
	decided         = "status = 'confirmed' OR status = 'rejected' AND status_reason = 'admin'"
	secondsToDecide = "date_part('epoch', decided_at - created_at)"
)

// counts are those of a group's bookings by what they are now.
const counts = `count(*) AS created,
	count(*) FILTER (WHERE status = 'confirmed') AS confirmed,
	count(*) FILTER (WHERE status = 'rejected' AND status_reason = 'admin') AS rejected,
	count(*) FILTER (WHERE status = 'rejected' AND status_reason = 'expired') AS expired,
	count(*) FILTER (WHERE status = 'cancelled') AS cancelled`

const rowOfReport = " created, confirmed, rejected, expired, cancelled, round((median_seconds / 3600)::numeric, 2)::float8 AS median_hours "

// reports are the statements, each of which the index alone can answer; $1 is the time zone.
var reports = map[booking.Grouping]string{
	booking.ByDay:        byPeriod("day", "YYYY-MM-DD"),
	booking.ByWeek:       byPeriod("week", `IYYY-"W"IW`),
	booking.ByMonth:      byPeriod("month", "YYYY-MM"),
	booking.ByCourse:     byText("course_name"),
	booking.ByInstrument: byText("instrument"),
}

// byPeriod counts each period between the first and the last booking by itself: the index has them in this order, so that
// neither has every booking's time to be brought into the time zone, nor are there groups to be looked up and sorted.
func byPeriod(period, key string) string {
	return `
		WITH bounds AS (SELECT min(created_at) AS first, max(created_at) AS last ` + bookingsIn + `),
		periods AS (
			SELECT period, period AT TIME ZONE $1 AS begins, (period + interval '1 ` + period + `') AT TIME ZONE $1 AS ends
			FROM bounds, generate_series(date_trunc('` + period + `', first AT TIME ZONE $1), last AT TIME ZONE $1, '1 ` + period + `') AS period)
		SELECT to_char(period, '` + key + `') AS key,` + rowOfReport + `
		FROM periods CROSS JOIN LATERAL (
			SELECT ` + counts + `, percentile_cont(0.5) WITHIN GROUP (ORDER BY ` + secondsToDecide + `) FILTER (WHERE ` + decided + `)
				AS median_seconds ` + bookingsIn + ` AND created_at >= begins AND created_at < ends) AS counted
		WHERE created > 0
		ORDER BY period`
}

// byText counts by a column. Texts are not compared as people would, which costs too much. The median is taken of each
// group's array: as an aggregate beside the counts it would have all rows sorted by their group first.
func byText(column string) string {
	return `
		SELECT grouped AS key,` + rowOfReport + `
		FROM (
			SELECT coalesce(` + column + `, '') COLLATE "C" AS grouped, ` + counts + `,
				array_agg(` + secondsToDecide + `) FILTER (WHERE ` + decided + `) AS seconds ` + bookingsIn + `
				AND $1::text IS NOT NULL
			GROUP BY 1) AS counted
		CROSS JOIN LATERAL (
			SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY second) AS median_seconds FROM unnest(seconds) AS second) AS middle
		ORDER BY grouped`
}

// sortInMemory keeps the sorting for the medians off the disk.
const sortInMemory = `SET LOCAL work_mem = '64MB'`

// Report implements booking.Store.
func (s *Store) Report(ctx context.Context, q booking.ReportQuery) (found []booking.ReportRow, err error) {
	err = postgres.InSnapshot(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sortInMemory); err != nil {
			return err
		}

		found, err = postgres.List(ctx, tx, pgx.RowToStructByName[booking.ReportRow], reports[q.By], q.Zone, q.From, q.To)

		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count bookings: %w", err)
	}

	return found, nil
}
