package pgtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// always is what has to survive if rows are kept for ever, or until something happens.
const always = 20 * 365 * 24 * time.Hour

// busy is what the machine may need between two statements of a test.
const busy = time.Minute

// Retention is what docs/data.md promises of a table: a test compares the page with all cases.
type Retention struct {
	// Table is what the page calls it, and Kept are words with which the page says how long rows stay. Kept is an
	// interval if it begins with a digit.
	Table string
	Kept  string
	// Rows names the table with its schema, where the page speaks of one in each schema; empty, it is Table.
	Rows string
	// After is the interval if Kept is none; without either, no time deletes a row.
	After string
	// Make are statements that leave one row of the table, of this moment.
	Make []string
	// Column is the time from which the row's age counts; an index has to begin with it if the row ends, because the
	// owner looks for old rows again and again. Move is the statement instead if the time is elsewhere or rows are few,
	// and makes the row older by the interval $1.
	Column, Move string
}

// CheckRetention sees each case's row stay until shortly before its end, and go after it. Each has what open returns: a
// database of its own, as the role that owns the tables, and what the owner does to delete old rows.
func CheckRetention(t *testing.T, open func(t *testing.T) (*pgxpool.Pool, func(context.Context) error), cases ...Retention) {
	t.Helper()

	for _, c := range cases {
		t.Run(strings.Join(strings.Fields(c.Table+" "+c.Kept), "_"), func(t *testing.T) {
			t.Parallel()

			pool, tidy := open(t)
			c.check(t, pool, tidy)
		})
	}
}

func (c *Retention) check(t *testing.T, pool *pgxpool.Pool, tidy func(context.Context) error) {
	t.Helper()

	for _, sql := range c.Make {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("make a row of %s: %v", c.Table, err)
		}
	}

	kept, ends := c.kept(t, pool)

	c.expect(t, pool, tidy, 1, "at once")

	if !ends {
		c.move(t, pool, always)
		c.expect(t, pool, tidy, 1, "after "+always.String())

		return
	}

	c.expectIndex(t, pool)

	margin := max(kept/10, min(kept/2, busy)) //nolint:mnd // a tenth, and at most half

	c.move(t, pool, kept-margin)
	c.expect(t, pool, tidy, 1, "shortly before its end")

	c.move(t, pool, 2*margin) //nolint:mnd // from before the end to behind it
	c.expect(t, pool, tidy, 0, "after its end")
}

// kept asks Postgres how long the interval is; ends is false if there is none.
func (c *Retention) kept(t *testing.T, pool *pgxpool.Pool) (kept time.Duration, ends bool) {
	t.Helper()

	interval := c.After
	if interval == "" {
		interval = c.Kept
	}

	if !strings.ContainsAny(interval[:1], "123456789") {
		return 0, false
	}

	var seconds float64

	err := pool.QueryRow(t.Context(), "SELECT extract(epoch FROM $1::text::interval)::float8", interval).Scan(&seconds)
	if err != nil {
		t.Fatalf("%q of %s: %v", interval, c.Table, err)
	}

	return time.Duration(seconds * float64(time.Second)), true
}

func (c *Retention) move(t *testing.T, pool *pgxpool.Pool, by time.Duration) {
	t.Helper()

	sql := c.Move
	if sql == "" && c.Column == "" {
		return
	}

	if sql == "" {
		sql = fmt.Sprintf("UPDATE %[1]s SET %[2]s = %[2]s - $1::interval", c.rows(), c.Column)
	}

	if _, err := pool.Exec(t.Context(), sql, by); err != nil {
		t.Fatalf("make a row of %s older: %v", c.Table, err)
	}
}

func (c *Retention) expect(t *testing.T, pool *pgxpool.Pool, tidy func(context.Context) error, want int, when string) {
	t.Helper()

	if err := tidy(t.Context()); err != nil {
		t.Fatalf("delete what is old: %v", err)
	}

	var rows int
	if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM "+c.rows()).Scan(&rows); err != nil {
		t.Fatalf("count the rows of %s: %v", c.Table, err)
	}

	if rows != want {
		t.Errorf("%s has %d rows %s, not %d", c.Table, rows, when, want)
	}
}

func (c *Retention) expectIndex(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()

	if c.Column == "" {
		return
	}

	var indexed bool

	err := pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_index i
		JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = $1::text::regclass AND a.attname = $2)`, c.rows(), c.Column).Scan(&indexed)
	if err != nil {
		t.Fatalf("look for an index of %s: %v", c.Table, err)
	}

	if !indexed {
		t.Errorf("no index of %s begins with %s: deleting old rows would read all of them", c.Table, c.Column)
	}
}

func (c *Retention) rows() string {
	if c.Rows != "" {
		return c.Rows
	}

	return c.Table
}
