package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shema-music/shema/local/verify"
	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/invariants"
)

const (
	// costAtOnce is how many callers make the bookings, so that none has to wait for long.
	costAtOnce = 4
	// costIdle is how long the platform is watched when no client asks for anything, to know what it takes by itself.
	costIdle = 15 * time.Second
	// costAfter is when what looks at a booking later has looked at it: the timers behind a booking are shorter.
	costAfter = 9 * time.Second
	// costQuiet is how long all that is in flight may take to end.
	costQuiet = 60 * time.Second
)

// cost counts what one booking takes from the request to the last mail: processor time by program, statements, requests
// between programs, events, jobs. What the platform takes when idle is not among it.
func (b *bench) cost() error {
	people, err := b.students(bookingCount / 2)
	if err != nil {
		return err
	}

	b.people = people

	book, err := b.booker()
	if err != nil {
		return err
	}

	admin, err := b.admin()
	if err != nil {
		return err
	}

	made := newTally(bookingCount)
	create := func(i int) client.Answer {
		l, n := book(i)
		return made.note(i, b.people[n].Book(l.course, l.slots[2*n], l.slots[2*n+1]))
	}
	confirm := func(i int) client.Answer { return admin.Confirm(made.ids[i], made.slots[i]) }

	idle, err := b.spend(func() error { return b.rest(costIdle) })
	if err != nil {
		return err
	}

	for _, step := range []struct {
		name   string
		status int
		do     func(i int) client.Answer
	}{{"create", 201, create}, {"confirm", 200, confirm}} {
		spent, err := b.spend(func() error { return b.costOf(step.status, step.do) })
		if err != nil {
			return err
		}

		b.addCost("a booking's "+step.name, spent.without(idle), bookingCount)
	}

	return nil
}

// costOf does something for every booking, and waits until all that follows has been done.
func (b *bench) costOf(status int, do func(i int) client.Answer) error {
	var (
		mu      sync.Mutex
		failure error
	)

	each(bookingCount, costAtOnce, func(i int) {
		if a := do(i); a.Status != status {
			mu.Lock()
			defer mu.Unlock()

			failure = errors.Join(failure, fmt.Errorf("an unexpected answer: %s", a))
		}
	})

	if failure != nil {
		return failure
	}

	if err := b.rest(costAfter); err != nil {
		return err
	}

	return b.quiet()
}

// quiet waits until no job has anything to do.
func (b *bench) quiet() error {
	for deadline := time.Now().Add(costQuiet); ; {
		busy, err := invariants.InFlight(b.ctx, b.DB, verify.Schemas()...)
		if err != nil || len(busy) == 0 {
			return err
		}

		if time.Now().After(deadline) {
			return fmt.Errorf("still in flight: %s", strings.Join(busy, "; "))
		}

		if err := b.rest(100 * time.Millisecond); err != nil {
			return err
		}
	}
}

// tally keeps which bookings were made.
type tally struct{ ids, slots []string }

func newTally(count int) *tally {
	return &tally{ids: make([]string, count), slots: make([]string, count)}
}

func (t *tally) note(i int, a client.Answer) client.Answer {
	if made, err := client.Decode[client.Booking](a, 201); err == nil {
		t.ids[i], t.slots[i] = made.ID, made.FirstChoiceSlotID
	}

	return a
}

// spent is what some work has taken: for each kind, such as "CPU" or "statements", how much by program.
type spent struct {
	took time.Duration
	by   map[string]map[string]float64
}

// The kinds of what is counted.
const (
	ofCPU        = "CPU"
	ofStatements = "statements"
	ofRequests   = "requests"
	ofEvents     = "events"
	ofJobs       = "jobs"
)

// spend reads all counters before and after the work.
func (b *bench) spend(work func() error) (spent, error) {
	before, err := b.counters()
	if err != nil {
		return spent{}, err
	}

	started := time.Now()

	if err := work(); err != nil {
		return spent{}, err
	}

	took := time.Since(started)

	after, err := b.counters()
	if err != nil {
		return spent{}, err
	}

	for kind, counts := range after {
		for name := range counts {
			counts[name] -= before[kind][name]
		}
	}

	return spent{took: took, by: after}, nil
}

// without takes off what would have been taken in the same time anyway.
func (s spent) without(idle spent) spent {
	share := s.took.Seconds() / idle.took.Seconds()
	for kind, counts := range s.by {
		for name := range counts {
			counts[name] -= share * idle.by[kind][name]
		}
	}

	return s
}

// counters reads everything that is counted since the programs have started.
func (b *bench) counters() (map[string]map[string]float64, error) {
	used, err := b.usage()
	if err != nil {
		return nil, err
	}

	all := map[string]map[string]float64{ofCPU: {}, ofRequests: {}, ofEvents: {}}
	for name, took := range used {
		all[ofCPU][name] = milliseconds(took)
	}

	if all[ofStatements], err = b.statements(); err != nil {
		return nil, err
	}

	if all[ofJobs], err = b.jobs(); err != nil {
		return nil, err
	}

	for _, app := range apps.All() {
		if !app.Sidecar {
			continue
		}

		if all[ofRequests][app.Name], err = b.handled(app.Name); err != nil {
			return nil, err
		}
	}

	return all, b.events(all[ofEvents])
}

// statements counts what Postgres was asked, by who asked. Those inside of triggers are not among it.
func (b *bench) statements() (map[string]float64, error) {
	_, err := b.DB.Exec(b.ctx, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public")
	if err != nil {
		return nil, err
	}

	return b.counted(`SELECT r.rolname, sum(s.calls)::float8 FROM public.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
		WHERE r.rolname <> current_user GROUP BY 1`)
}

// jobs counts the rows that were ever written into the tables of jobs.
func (b *bench) jobs() (map[string]float64, error) {
	return b.counted(`SELECT schemaname, n_tup_ins::float8 FROM pg_stat_user_tables WHERE relname = 'river_job'`)
}

func (b *bench) counted(query string) (map[string]float64, error) {
	rows, err := b.DB.Query(b.ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()

	found := map[string]float64{}

	for rows.Next() {
		var (
			name  string
			count float64
		)
		if err := rows.Scan(&name, &count); err != nil {
			return nil, err
		}

		found[name] = count
	}

	return found, rows.Err()
}

// events counts what was ever published, by topic.
func (b *bench) events(into map[string]float64) error {
	keys, err := b.Redis.Keys(b.ctx, "*.*").Result()
	if err != nil {
		return err
	}

	for _, key := range keys {
		stream, err := b.Redis.XInfoStream(b.ctx, key).Result()
		if err == nil { // other keys have dots too
			into[key] = float64(stream.EntriesAdded)
		}
	}

	return nil
}

// addCost reports each kind's sum, with what has taken most of it.
func (b *bench) addCost(name string, s spent, count int) {
	for _, kind := range []string{ofCPU, ofStatements, ofRequests, ofEvents, ofJobs} {
		unit := map[bool]string{true: "ms"}[kind == ofCPU]

		var (
			sum   float64
			notes []string
		)
		for _, who := range slices.SortedFunc(maps.Keys(s.by[kind]), func(x, y string) int {
			return cmp.Compare(s.by[kind][y], s.by[kind][x])
		}) {
			one := s.by[kind][who] / float64(count)
			if who == loadGenerator {
				continue
			}

			sum += one

			if one >= 0.05 {
				notes = append(notes, fmt.Sprintf("%s %.2f", who, one))
			}
		}

		b.report.add(name+", "+kind, fmt.Sprintf("%.1f %s", sum, unit), strings.Join(notes, ", "), metric{sum, cmp.Or(unit, kind)})
	}
}
