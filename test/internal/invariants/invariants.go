// Package invariants holds the promises of the booking tables as SQL: what must be true whenever nothing is in flight.
package invariants

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Queryer is a pool or a transaction.
type Queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Broken asks for everything that breaks a promise; it returns one line for each promise, and none when all is well.
func Broken(ctx context.Context, db Queryer) ([]string, error) {
	var found []string
	for _, rule := range rules {
		rows, err := db.Query(ctx, rule.query)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rule.promise, err)
		}

		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rule.promise, err)
		}

		if len(ids) > 0 {
			found = append(found, rule.promise+": "+strings.Join(ids, ", "))
		}
	}

	return found, nil
}

// rules select the id of whatever breaks the promise.
var rules = []struct{ promise, query string }{
	{
		"every pending booking holds exactly its two slots as reserved",
		`SELECT b.id::text FROM booking.bookings b WHERE b.status = 'pending' AND
			(SELECT array_agg(s.id ORDER BY s.id) FROM course.schedules s WHERE s.booking_id = b.id AND s.status = 'reserved')
			IS DISTINCT FROM ARRAY[least(b.first_choice_slot_id, b.second_choice_slot_id),
				greatest(b.first_choice_slot_id, b.second_choice_slot_id)]`,
	}, {
		"every confirmed booking holds exactly its chosen slot as booked",
		`SELECT b.id::text FROM booking.bookings b WHERE b.status = 'confirmed' AND
			((SELECT array_agg(s.id) FROM course.schedules s WHERE s.booking_id = b.id AND s.status = 'booked')
				IS DISTINCT FROM ARRAY[b.confirmed_slot_id]
			OR b.confirmed_slot_id NOT IN (b.first_choice_slot_id, b.second_choice_slot_id))`,
	}, {
		"no slot is held by any other booking",
		`SELECT s.id::text FROM course.schedules s LEFT JOIN booking.bookings b ON b.id = s.booking_id
		WHERE s.status <> 'available' AND NOT coalesce(
			b.status = 'pending' AND s.status = 'reserved' AND s.id IN (b.first_choice_slot_id, b.second_choice_slot_id)
			OR b.status = 'confirmed' AND s.status = 'booked' AND s.id = b.confirmed_slot_id, false)`,
	}, {
		"no slot has two holders",
		`SELECT slot::text FROM booking.bookings b, LATERAL unnest(CASE b.status
			WHEN 'pending' THEN ARRAY[b.first_choice_slot_id, b.second_choice_slot_id]
			WHEN 'confirmed' THEN ARRAY[b.confirmed_slot_id] END) AS slot GROUP BY slot HAVING count(*) > 1`,
	}, {
		"no booking is left half made",
		`SELECT b.id::text FROM booking.bookings b
		WHERE b.status NOT IN ('pending', 'confirmed', 'rejected', 'cancelled')`,
	}, {
		"a booking expires exactly 72 hours after it was made, unless a test moved it",
		`SELECT b.id::text FROM booking.bookings b
		WHERE b.expires_at > b.created_at + interval '72 hours'`,
	}, {
		"reasons and times fit the status",
		`SELECT b.id::text FROM booking.bookings b WHERE NOT CASE b.status
			WHEN 'pending' THEN b.status_reason IS NULL AND b.confirmed_slot_id IS NULL
			WHEN 'confirmed' THEN b.status_reason IS NULL AND b.confirmed_at IS NOT NULL
			WHEN 'cancelled' THEN b.status_reason IN ('student', 'admin')
			ELSE b.status_reason IN ('expired', 'admin') END`,
	},
}

// InFlight describes the durable jobs that have something to do now in the given schemas: those that run, wait or are
// tried again. Jobs that only look after something later are not among them.
func InFlight(ctx context.Context, db Queryer, schemas ...string) ([]string, error) {
	var found []string
	for _, schema := range schemas {
		rows, err := db.Query(ctx, `SELECT format('%s %s %s: %s', $1::text, count(*), kind, state)
			FROM `+pgx.Identifier{schema, "river_job"}.Sanitize()+`
			WHERE state = 'running' OR state IN ('available', 'retryable', 'pending', 'scheduled')
				AND (scheduled_at <= now() OR kind = 'publish_event')
			GROUP BY kind, state`, schema)
		if err != nil {
			return nil, fmt.Errorf("jobs of %s: %w", schema, err)
		}

		jobs, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("jobs of %s: %w", schema, err)
		}

		found = append(found, jobs...)
	}

	return found, nil
}
