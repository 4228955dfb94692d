package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/trend"
)

// kind is one sort of things that are measured, and how each of them is judged.
type kind struct {
	Name, Unit, About string
	// Bound is for what is gained after the warm-up.
	Bound trend.Bound
	// judge is nil for what is only shown.
	judge func(r *record, subject string, s trend.Series, b trend.Bound) trend.Verdict
}

// The kinds, by their names.
const (
	ofLoad       = "load"
	ofMemory     = "memory"
	ofGoroutines = "goroutines"
	ofFiles      = "open files"
	ofBackends   = "connections to Postgres"
	ofRows       = "rows"
	ofSize       = "size of tables"
	ofDead       = "dead rows"
	ofEntries    = "entries of streams"
	ofKeys       = "keys of Redis"
	ofRedis      = "memory of Redis"
)

// kinds are all of them, in the order of the page.
func kinds() []kind {
	return []kind{
		{Name: ofLoad, About: "Processor time of the platform, and the load of the whole machine. They are not judged."},
		{
			Name: ofMemory, Unit: "MiB", judge: programs, Bound: trend.Bound{Share: 0.10, Slack: 4},
			About: "What a program and its children share with no other process: no shared buffers, no program files. Redis is judged " +
				"by its entries of streams; etcd may gain the 6,000 changes that it keeps.",
		},
		{Name: ofGoroutines, judge: flat, Bound: trend.Bound{Share: 0.10, Slack: 15}, About: "Of our programs; sidecars show none here."},
		{
			Name: ofFiles, judge: flat, Bound: trend.Bound{Share: 0.10, Slack: 15},
			About: "Files and connections that a program and its children have open.",
		},
		{Name: ofBackends, judge: flat, Bound: trend.Bound{Share: 0.10, Slack: 3}, About: "By who is connected."},
		{
			Name: ofRows, judge: bounded, Bound: trend.Bound{Share: 0.10, Slack: 200},
			About: "Only tables whose rows end within minutes are judged; the others keep what was done.",
		},
		{
			Name: ofSize, Unit: "MiB", judge: tables, Bound: trend.Bound{Share: 0.25, Slack: 0.75},
			About: "With indexes. A table whose rows become more is judged by what a row takes: those of the second half may take no more than those before.",
		},
		{
			Name: ofDead, judge: flat, Bound: trend.Bound{Share: 0.20, Slack: 2000},
			About: "Beyond what autovacuum lets gather, which is 50 and a fifth of the rows.",
		},
		{
			Name: ofEntries, judge: streams, Bound: trend.Bound{Slack: 51_000},
			About: "A stream keeps about 50,000 events, so nothing is judged before.",
		},
		{
			Name: ofKeys, judge: keys, Bound: trend.Bound{Share: 0.10, Slack: 100},
			About: "Without streams, judged by account: a person's sessions are one key, for a week after they were last used.",
		},
		{
			Name: ofRedis, Unit: "MiB", judge: stores, Bound: trend.Bound{Share: 0.25, Slack: 2},
			About: "Judged by what a key and an entry of a stream take.",
		},
	}
}

func flat(_ *record, _ string, s trend.Series, b trend.Bound) trend.Verdict { return s.Flat(b) }

// programs judges what a program holds. Redis holds what is to be kept; etcd gathers changes before it forgets the oldest, for
// longer than a run takes.
func programs(r *record, program string, s trend.Series, b trend.Bound) trend.Verdict {
	switch program {
	case "redis":
		return stores(r, program, s, b)
	case "etcd":
		b.Slack = 24
	}

	return s.Flat(b)
}

// passing are tables whose rows end within minutes.
func passing() []string {
	return []string{"outbox_events", "river_job", "unfinished", "tickets", "unpublished_messages", "readiness", "catalog_version", "river_leader", "river_queue"}
}

func passes(table string) bool {
	_, name, _ := strings.Cut(table, ".")
	return slices.Contains(passing(), name)
}

// bounded judges rows of tables that nothing stays in.
func bounded(_ *record, table string, s trend.Series, b trend.Bound) trend.Verdict {
	if !passes(table) {
		return trend.Verdict{}
	}

	return s.Flat(b)
}

// tables judges the size of a table by row, if it has become longer by a tenth.
func tables(r *record, table string, s trend.Series, b trend.Bound) trend.Verdict {
	rows := r.judged(ofRows, table)
	if passes(table) || rows.Gain() < max(200, 0.1*rows.Flat(trend.Bound{}).Level) {
		return s.Flat(b)
	}

	return s.Over(rows).Even(b)
}

func streams(_ *record, _ string, s trend.Series, b trend.Bound) trend.Verdict {
	longest := slices.MaxFunc(append(s, trend.Point{}), func(p, q trend.Point) int { return cmp.Compare(p.Y, q.Y) })

	return trend.Verdict{Gained: longest.Y, Allowed: b.Slack}
}

// keys judges what Redis keeps by account.
func keys(r *record, _ string, s trend.Series, b trend.Bound) trend.Verdict {
	return s.Over(r.judged(ofRows, apps.Get(apps.User).Schema+".users")).Even(b)
}

// stores judges the memory of Redis by what is in it.
func stores(r *record, _ string, s trend.Series, b trend.Bound) trend.Verdict {
	return s.Over(r.judged(ofEntries, all)).Even(b)
}
