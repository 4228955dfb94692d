package pgtest

import (
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/postgres"
)

// explain has Postgres show the plan of every statement, and go through a whole table only where no index leads to the rows:
// the tables of tests are so small that it would do so everywhere.
var explain = map[string]string{
	"session_preload_libraries":     "auto_explain",
	"auto_explain.log_min_duration": "0",
	"auto_explain.log_level":        "notice",
	"enable_seqscan":                "off",
	"jit":                           "off",
}

// searched is a table in a plan that is read as a whole to find some of its rows.
var searched = regexp.MustCompile(`Seq Scan on (\w+).*\n\s+Filter: .*`)

// ours are functions of this repository; among them are those that only pass statements on, and those that may read all: packages
// for tests alone, and the check of all rows.
var (
	ours    = regexp.MustCompile(`shema-music/shema/`)
	helpers = regexp.MustCompile(`/kit/(pgtest|postgres)\.`)
	readAll = regexp.MustCompile(`/(\w+test|local/verify)\.`)
)

// few are tables of so few rows that all may be read: one row, one for each admin, one for each course, what failed for good in
// a month, and what has yet to be published.
var few = []string{"catalog_version", "mail_windows", "course_teachers", "dead_letters", "outbox_events"}

// watchPlans fails the test for each statement of the program that no index serves. Statements of tests may be as they like.
func watchPlans(t testing.TB) postgres.Option {
	return withPlans(func(plan string) {
		if rows := unserved(plan); rows != "" && !mayReadAll() {
			t.Errorf("no index leads to these rows: %s\n%s", rows, plan)
		}
	})
}

// withPlans shows the plan of every statement, while its answer is being read.
func withPlans(show func(plan string)) postgres.Option {
	return func(c *pgxpool.Config) {
		maps.Copy(c.ConnConfig.RuntimeParams, explain)
		c.ConnConfig.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { show(n.Message) }
	}
}

// unserved returns the part of a plan that searches a whole table, or "".
func unserved(plan string) string {
	for _, found := range searched.FindAllStringSubmatch(plan, -1) {
		if !slices.Contains(few, found[1]) {
			return found[0]
		}
	}

	return ""
}

// mayReadAll tells whether the statement whose answer is being read is a test's own, or meant to read all rows.
func mayReadAll() bool {
	const deepest = 64

	callers := make([]uintptr, deepest)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])

	for {
		frame, more := frames.Next()
		if ours.MatchString(frame.Function) && !helpers.MatchString(frame.Function) {
			return strings.HasSuffix(frame.File, "_test.go") || readAll.MatchString(frame.Function)
		}

		if !more {
			return true
		}
	}
}
