package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// statementGoal is what no statement may take on average, in milliseconds.
	statementGoal = 50
	// manyRows is when a table is too large to be read from one end to the other.
	manyRows = 10_000
)

// services are the roles that answer people, and those that look after something.
const services = `r.rolname ~ '_(service|operator)$'`

// addSlow reports the statements that take too long on average, and how many there were.
func (b *bench) addSlow() error {
	type row struct {
		Role, Query string
		Calls       int64
		Mean, Least float64
		Blocks      float64
	}

	rows, err := b.DB.Query(b.ctx, `SELECT r.rolname::text AS role, regexp_replace(query, '\s+', ' ', 'g') AS query, calls,
			mean_exec_time AS mean, min_exec_time AS least, (shared_blks_hit + shared_blks_read)::float8 / calls AS blocks
		FROM public.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
		WHERE `+services+` AND (mean_exec_time > $1 OR (shared_blks_hit + shared_blks_read) / calls > 2000) ORDER BY mean_exec_time DESC`, statementGoal)
	if err != nil {
		return err
	}

	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return err
	}

	for _, r := range found {
		b.report.add(fmt.Sprintf("at scale: %s: %.120s", r.Role, r.Query), fmt.Sprintf("mean %.1f ms, least %.1f ms", r.Mean, r.Least),
			fmt.Sprintf("%d times, %.0f blocks each (goal: under %d ms, %s)", r.Calls, r.Blocks, statementGoal, met(r.Mean < statementGoal)))
	}

	return nil
}

// sequentialReads counts how often, and for how many rows, each large table was read from one end to the other.
func (b *bench) sequentialReads() (map[string][2]int64, error) {
	if err := b.rest(11 * time.Second); err != nil { // an idle session hands in its counts after ten
		return nil, err
	}

	rows, err := b.DB.Query(b.ctx, `SELECT t.relid::regclass::text, t.seq_scan, t.seq_tup_read FROM pg_stat_user_tables t
		JOIN pg_class c ON c.oid = t.relid WHERE c.reltuples > $1`, manyRows)
	if err != nil {
		return nil, err
	}

	var (
		name         string
		scans, tuple int64
	)

	found := map[string][2]int64{}
	_, err = pgx.ForEachRow(rows, []any{&name, &scans, &tuple}, func() error {
		found[name] = [2]int64{scans, tuple}
		return nil
	})

	return found, err
}

// addSequential reports the large tables that were read from one end to the other since then.
func (b *bench) addSequential(before map[string][2]int64) error {
	now, err := b.sequentialReads()
	if err != nil {
		return err
	}

	var names []string
	for name, counts := range now {
		if scans := counts[0] - before[name][0]; scans > 0 {
			names = append(names, fmt.Sprintf("%s %d times, %d rows", name, scans, counts[1]-before[name][1]))
		}
	}

	b.report.add("at scale: sequential reads of large tables", fmt.Sprintf("%d of %d tables", len(names), len(now)),
		strings.Join(names, "; ")+fmt.Sprintf(" (goal: none, %s)", met(len(names) == 0)))

	return nil
}
