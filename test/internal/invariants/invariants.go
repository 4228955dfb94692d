// Package invariants asks a platform under test what "shema verify" asks: what must be true whenever nothing is in
// flight, and whether something is.
package invariants

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/local/verify"
	"github.com/shema-music/shema/services/contracts/apps"
)

// Broken asks for everything that breaks a promise between bookings and slots; it returns one line for each promise, and
// none when all is well.
func Broken(ctx context.Context, db verify.Queryer) ([]string, error) {
	result, err := verify.Look(ctx, db, verify.Bookings())
	if err != nil {
		return nil, err
	}

	return lines(result), nil
}

// AllBroken asks for everything that breaks any promise, as the role and with the patience of "shema verify".
func AllBroken(ctx context.Context, superuserURL string) ([]string, error) {
	result, err := verify.As(ctx, superuserURL, verify.Usual)
	if err != nil {
		return nil, err
	}

	return lines(result), nil
}

func lines(result verify.Result) []string {
	found := make([]string, 0, len(result.Findings))
	for _, f := range result.Findings {
		found = append(found, f.Check.Promise+": "+strings.Join(f.IDs, ", "))
	}

	return found
}

// InFlight describes what is to be done now in the given schemas: events and mails that have not left, and durable jobs
// that run, wait or are tried again. Jobs that only look after something later, and mails that gather, are not among them.
func InFlight(ctx context.Context, db verify.Queryer, schemas ...string) ([]string, error) {
	var found []string
	for _, schema := range schemas {
		mails := ""
		if schema == apps.Get(apps.User).Schema {
			mails = ` UNION ALL SELECT format('%s %s mails', $1::text, count(*)) FROM users.letters
				WHERE done_at IS NULL AND due_at <= now() HAVING count(*) > 0`
		}

		rows, err := db.Query(ctx, `SELECT format('%s %s %s: %s', $1::text, count(*), kind, state)
			FROM `+pgx.Identifier{schema, "river_job"}.Sanitize()+`
			WHERE state = 'running' OR state IN ('available', 'retryable', 'pending', 'scheduled') AND scheduled_at <= now()
			GROUP BY kind, state
			UNION ALL SELECT format('%s %s events for %s', $1::text, count(*), topic)
			FROM `+pgx.Identifier{schema, "outbox_events"}.Sanitize()+` GROUP BY topic`+mails, schema)
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
