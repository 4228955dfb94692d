// Package verify asks a running platform's database for everything that breaks a promise: of the tables, between the
// services, and of the work that is on its way.
package verify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Queryer is a pool, a connection or a transaction. A role that may only read is enough.
type Queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Check is one promise, as the SQL that finds what breaks it.
type Check struct {
	// Name is short and stable: metrics carry it as a label.
	Name string
	// Promise is what should be true, as a sentence.
	Promise string
	// Remedy says what a person does about it.
	Remedy string
	// Query selects the id of whatever breaks the promise, as text.
	Query string
	// repair brings the platform to do again what it should have done. Left says why there is none.
	repair repairer
	Left   string
}

// Repairs reports whether Repair does something about what breaks the promise.
func (c *Check) Repairs() bool { return c.repair != nil }

// Finding is a broken promise.
type Finding struct {
	Check Check
	// IDs are what breaks it, in order.
	IDs []string
}

// Result is what one look has found.
type Result struct {
	// Checks is how many promises were looked at.
	Checks   int
	Findings []Finding
}

// Look runs the checks once. What is on its way at that moment is found, too: Verify looks again.
func Look(ctx context.Context, db Queryer, checks []Check) (Result, error) {
	result := Result{Checks: len(checks)}
	for _, check := range checks {
		rows, err := db.Query(ctx, check.Query)
		if err != nil {
			return Result{}, fmt.Errorf("check %s: %w", check.Name, err)
		}

		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return Result{}, fmt.Errorf("check %s: %w", check.Name, err)
		}

		if len(ids) > 0 {
			slices.Sort(ids)
			result.Findings = append(result.Findings, Finding{Check: check, IDs: ids})
		}
	}

	return result, nil
}

// Patience is how long something may be on its way before it counts as broken.
type Patience struct {
	// Looks is how often the checks run at most, and Every the pause between two looks.
	Looks int
	Every time.Duration
}

// Usual is enough for whatever a platform that works has on its way.
var Usual = Patience{Looks: 4, Every: 5 * time.Second}

// Verify runs all checks, and those that found something again and again: what is found in every look is broken, the
// rest was on its way. It ends at once when nothing is found.
func Verify(ctx context.Context, db Queryer, p Patience) (Result, error) {
	result, err := Look(ctx, db, Checks())

	for look := 1; look < p.Looks && err == nil && len(result.Findings) > 0; look++ {
		select {
		case <-ctx.Done():
			return Result{}, ctx.Err()
		case <-time.After(p.Every):
		}

		again, failure := Look(ctx, db, suspects(result))
		result.Findings, err = common(result.Findings, again.Findings), failure
	}

	if err != nil {
		return Result{}, err
	}

	return result, nil
}

func suspects(r Result) []Check {
	checks := make([]Check, 0, len(r.Findings))
	for _, f := range r.Findings {
		checks = append(checks, f.Check)
	}

	return checks
}

// common keeps what both looks have found.
func common(first, second []Finding) []Finding {
	var both []Finding
	for _, now := range second {
		i := slices.IndexFunc(first, func(f Finding) bool { return f.Check.Name == now.Check.Name })

		ids := slices.DeleteFunc(slices.Clone(now.IDs), func(id string) bool { return i < 0 || !slices.Contains(first[i].IDs, id) })
		if len(ids) > 0 {
			both = append(both, Finding{Check: now.Check, IDs: ids})
		}
	}

	return both
}
