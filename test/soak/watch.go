package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/load"
	"github.com/shema-music/shema/test/internal/machine"
	"github.com/shema-music/shema/test/internal/testenv"
)

// all names all streams, and all keys, together.
const all = "all"

// watcher looks at everything that a platform holds, again and again.
type watcher struct {
	env     *testenv.Environment
	record  *record
	started time.Time
	// taken is the processor time of all programs at the last look, which was at lastly.
	taken  time.Duration
	lastly time.Time
}

func newWatcher(env *testenv.Environment, r *record) *watcher {
	return &watcher{env: env, record: r, started: time.Now()}
}

// watch looks until over ends. A look that fails is the end of it.
func (w *watcher) watch(over context.Context, every time.Duration) error {
	for over.Err() == nil {
		begun := time.Now()
		at := begun.Sub(w.started)

		if err := w.look(context.WithoutCancel(over), at); err != nil {
			return fmt.Errorf("look after %s: %w", at.Round(time.Second), err)
		}

		load.Rest(over, every-time.Since(begun))
	}

	return nil
}

func (w *watcher) look(ctx context.Context, at time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()

	return errors.Join(w.programs(at), w.goroutines(at), w.backends(ctx, at), w.tables(ctx, at), w.redis(ctx, at))
}

// programs notes what each program holds, two of one service apart, and what all take of the processors.
func (w *watcher) programs(at time.Duration) error {
	programs := w.env.Programs()

	held, err := machine.Held(programs)
	if err != nil {
		return err
	}

	for name, holds := range held {
		w.record.note(ofMemory, name, at, holds.MiB)
		w.record.note(ofFiles, name, at, float64(holds.Files))
	}

	taken, err := machine.CPU(programs)
	if err != nil {
		return err
	}

	var sum time.Duration
	for _, took := range taken {
		sum += took
	}

	now := time.Now()
	if !w.lastly.IsZero() {
		w.record.note(ofLoad, "cores that the platform takes", at, (sum-w.taken).Seconds()/now.Sub(w.lastly).Seconds())
	}

	w.taken, w.lastly = sum, now
	w.record.note(ofLoad, "load of the machine", at, machine.Load())

	return nil
}

// goroutines notes those of our programs.
func (w *watcher) goroutines(at time.Duration) error {
	for _, app := range apps.All() {
		if app.ID == "" {
			continue
		}

		for _, name := range w.env.Replicas(app.Name) {
			found, err := machine.Metrics(w.env.MetricsURL(name))
			if err != nil {
				return err
			}

			w.record.note(ofGoroutines, name, at, found["go_goroutines"])
		}
	}

	return nil
}

// backends notes who is connected to Postgres how often.
func (w *watcher) backends(ctx context.Context, at time.Duration) error {
	rows, err := w.env.DB.Query(ctx, `SELECT usename::text, count(*) FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND usename <> current_user GROUP BY usename`)
	if err != nil {
		return err
	}

	var (
		role  string
		count int64
	)

	_, err = pgx.ForEachRow(rows, []any{&role, &count}, func() error {
		w.record.note(ofBackends, role, at, float64(count))
		return nil
	})

	return err
}

// tables notes how many rows each table has, what they take with indexes, and how many dead rows wait to be removed.
func (w *watcher) tables(ctx context.Context, at time.Duration) error {
	rows, err := w.env.DB.Query(ctx, `SELECT format('%s.%s', schemaname, relname), pg_total_relation_size(relid) / 1048576.0::float8,
			(xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', relid::regclass), false, true, '')))[1]::text::bigint,
			n_dead_tup
		FROM pg_stat_user_tables ORDER BY 1`)
	if err != nil {
		return err
	}

	var (
		name        string
		mib         float64
		alive, dead int64
	)

	_, err = pgx.ForEachRow(rows, []any{&name, &mib, &alive, &dead}, func() error {
		w.record.note(ofSize, name, at, mib)
		w.record.note(ofRows, name, at, float64(alive))
		w.record.note(ofDead, name, at, max(0, float64(dead)-50-0.2*float64(alive)))

		return nil
	})

	return err
}

// redis notes what the Redis of sessions and events holds. The cache's has an end of its own, and is among the programs.
func (w *watcher) redis(ctx context.Context, at time.Duration) error {
	streams, err := w.streams(ctx, at)
	if err != nil {
		return err
	}

	about, err := w.env.Redis.InfoMap(ctx, "memory").Result()
	if err != nil {
		return err
	}

	var bytes float64
	if _, err := fmt.Sscan(about["Memory"]["used_memory"], &bytes); err != nil {
		return fmt.Errorf("memory of Redis: %w", err)
	}

	size, err := w.env.Redis.DBSize(ctx).Result()
	if err != nil {
		return err
	}

	w.record.note(ofRedis, all, at, bytes/(1<<20))
	w.record.note(ofKeys, all, at, float64(size)-float64(streams))

	return nil
}

// streams notes how long each stream is, and returns how many there are.
func (w *watcher) streams(ctx context.Context, at time.Duration) (count int, err error) {
	var sum int64

	keys := w.env.Redis.ScanType(ctx, 0, "*", 1000, "stream").Iterator()
	for keys.Next(ctx) {
		length, err := w.env.Redis.XLen(ctx, keys.Val()).Result()
		if err != nil {
			return 0, err
		}

		count++
		sum += length
		w.record.note(ofEntries, keys.Val(), at, float64(length))
	}

	w.record.note(ofEntries, all, at, float64(sum))

	return count, keys.Err()
}
