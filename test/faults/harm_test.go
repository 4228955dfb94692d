package faults_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/detour"
	"github.com/shema-music/shema/test/internal/load"
)

// fault is something that happens to the platform, and what ends it. Both may be asked of a platform that is harmed
// already.
type fault struct {
	name string
	harm func(ctx context.Context, s *school, w *detour.Ways) error
	// atLeast is how long it lasts at least; zero is a second.
	atLeast time.Duration
	// heal is nil for what ends by itself.
	heal func(ctx context.Context, s *school, w *detour.Ways) error
}

// faultsOf is everything that happens, each kind once: they are played in a random order, again and again.
func faultsOf(s *school) []fault {
	all := slices.Concat(processes(), redisFaults(), postgresFaults(), clusterFaults(), wayFaults(), eventFaults())
	if s.disk != nil {
		all = append(all, fullDisk())
	}

	return all
}

// fullDisk leaves Postgres no room: it refuses what makes a file grow, and dies when its log has to. It lasts for longer
// than an event is tried.
func fullDisk() fault {
	return fault{
		name:    "the disk of Postgres is full",
		atLeast: 10 * time.Second,
		harm:    func(_ context.Context, s *school, _ *detour.Ways) error { return s.disk.fill() },
		heal:    func(_ context.Context, s *school, _ *detour.Ways) error { return s.disk.empty() },
	}
}

// clusterFaults take the API server and its store away for longer than the operator waits for anything.
func clusterFaults() []fault {
	faults := []fault{stopping("kube-apiserver"), stopping("etcd")}
	for i := range faults {
		faults[i].atLeast = 15 * time.Second
	}

	return faults
}

// programs are those that are killed and stopped, all that there are: ours in all replicas, their sidecars, and what they
// stand on.
func programs(s *school) []string {
	var names []string
	for _, app := range apps.All() {
		if app.ID == "" {
			continue
		}

		for _, replica := range s.env.Replicas(app.Name) {
			names = append(names, replica)
			if app.Sidecar {
				names = append(names, replica+"-dapr")
			}
		}
	}

	return append(names, "web", "mail", "redis", "redis-cache", "postgres", "etcd", "kube-apiserver")
}

func processes() []fault {
	var stopped []string

	return []fault{
		{
			name: "kill -9 of three programs",
			harm: func(_ context.Context, s *school, _ *detour.Ways) error {
				all := programs(s)
				for range 3 {
					if err := s.env.Kill(all[rand.IntN(len(all))]); err != nil {
						return err
					}
				}

				return nil
			},
		},
		{
			name: "SIGSTOP of three programs",
			harm: func(_ context.Context, s *school, _ *detour.Ways) error {
				all := programs(s)
				for range 3 {
					name := all[rand.IntN(len(all))]
					if slices.Contains(stopped, name) {
						continue
					}

					stopped = append(stopped, name)
					if err := s.env.Platform.Pause(name); err != nil {
						return err
					}
				}

				return nil
			},
			heal: func(_ context.Context, s *school, _ *detour.Ways) error {
				for _, name := range stopped {
					if err := s.env.Platform.Resume(name); err != nil {
						return err
					}
				}

				stopped = nil

				return nil
			},
		},
	}
}

func redisFaults() []fault {
	return []fault{
		stopping("redis"),
		stopping("redis-cache"),
		{
			name: "Redis is full",
			harm: func(ctx context.Context, s *school, _ *detour.Ways) error {
				return s.env.Redis.ConfigSet(ctx, "maxmemory", "1mb").Err()
			},
			heal: func(ctx context.Context, s *school, _ *detour.Ways) error {
				return s.env.Redis.ConfigSet(ctx, "maxmemory", "0").Err()
			},
		},
		{
			name: "Redis forgets everything",
			harm: func(ctx context.Context, s *school, _ *detour.Ways) error {
				s.flushed.Store(true)
				s.RedisForgets()

				return s.env.Redis.FlushAll(ctx).Err()
			},
		},
	}
}

func stopping(part string) fault {
	return fault{
		name: part + " is away",
		harm: func(_ context.Context, s *school, _ *detour.Ways) error { return s.env.Platform.Stop(part) },
		heal: func(ctx context.Context, s *school, _ *detour.Ways) error { return s.env.Platform.Start(ctx, part) },
	}
}

// endConnections makes all programs connect anew, under the rules of now.
const endConnections = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE datname = 'shema' AND usename <> 'postgres'`

func postgresFaults() []fault {
	return []fault{
		stopping("postgres"),
		killedInCommit(),
		{
			name: "Postgres gives each service one connection",
			harm: func(ctx context.Context, s *school, _ *detour.Ways) error {
				return limitConnections(ctx, s, 1)
			},
			heal: func(ctx context.Context, s *school, _ *detour.Ways) error {
				return limitConnections(ctx, s, -1)
			},
		},
		{
			name: "Postgres is read-only",
			harm: func(ctx context.Context, s *school, _ *detour.Ways) error {
				return execute(ctx, s, `ALTER DATABASE shema SET default_transaction_read_only = on`, endConnections)
			},
			heal: func(ctx context.Context, s *school, _ *detour.Ways) error {
				return execute(ctx, s, `SET default_transaction_read_only = off`,
					`ALTER DATABASE shema RESET default_transaction_read_only`, endConnections)
			},
		},
	}
}

// killedInCommit has commits wait for a standby that there is not: they are made, but nobody is told. Then Postgres dies.
func killedInCommit() fault {
	return fault{
		name: "Postgres is killed in COMMIT",
		harm: func(ctx context.Context, s *school, _ *detour.Ways) error {
			err := execute(ctx, s, `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`, `SELECT pg_reload_conf()`)
			if err != nil {
				return err
			}

			if err := commitsWait(ctx, s); err != nil {
				return err
			}

			return s.env.Kill("postgres")
		},
		heal: func(ctx context.Context, s *school, _ *detour.Ways) error {
			return execute(ctx, s, `ALTER SYSTEM RESET synchronous_standby_names`, `SELECT pg_reload_conf()`)
		},
	}
}

// commitsWait returns when three commits wait for a standby.
func commitsWait(ctx context.Context, s *school) error {
	ctx, cancel := context.WithTimeout(ctx, recovery)
	defer cancel()

	conn, err := pgx.Connect(ctx, s.env.DatabaseURL())
	if err != nil {
		return err
	}

	defer func() { _ = conn.Close(ctx) }()

	for waiting := 0; waiting < 3; load.Rest(ctx, 20*time.Millisecond) {
		err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`).Scan(&waiting)
		if err != nil {
			return fmt.Errorf("no commits that wait: %w", err)
		}
	}

	return nil
}

func limitConnections(ctx context.Context, s *school, limit int) error {
	var statements []string
	for _, app := range apps.All() {
		if app.Schema != "" {
			statements = append(statements, fmt.Sprintf(`ALTER ROLE %s CONNECTION LIMIT %d`, app.Role, limit))
		}
	}

	return execute(ctx, s, append(statements, endConnections)...)
}

// execute runs statements on a connection of their own, as the superuser.
func execute(ctx context.Context, s *school, statements ...string) error {
	conn, err := pgx.Connect(ctx, s.env.DatabaseURL())
	if err != nil {
		return err
	}

	defer func() { _ = conn.Close(ctx) }()

	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}

	return nil
}

// wayFaults disturb the ways to one kind of part, for half of the programs.
func wayFaults() []fault {
	disturbances := map[string]detour.Disturbance{
		"slow":      detour.Slow(500),
		"half open": detour.HalfOpen(),
		"cut":       detour.Cut(2000),
	}

	var list []fault
	for _, part := range []string{"postgres", "redis", "redis-cache", "sidecar-http", "sidecar-grpc"} {
		for kind, disturbance := range disturbances {
			list = append(list, fault{
				name: "ways to " + part + " are " + kind,
				harm: func(_ context.Context, _ *school, w *detour.Ways) error {
					for _, way := range w.Names(part) {
						if rand.IntN(2) == 0 {
							if err := w.Disturb(way, disturbance); err != nil {
								return err
							}
						}
					}

					return nil
				},
				heal: func(ctx context.Context, _ *school, w *detour.Ways) error {
					w.Heal(ctx)
					return nil
				},
			})
		}
	}

	return list
}

// eventFaults publish events once more, in another order, and such as no service can handle.
func eventFaults() []fault {
	return []fault{
		{
			name: "events come again, in another order",
			harm: func(ctx context.Context, s *school, _ *detour.Ways) error {
				return repeatEvents(ctx, s.env.Redis)
			},
		},
		{
			name: "an event that no service can handle",
			harm: func(ctx context.Context, s *school, _ *detour.Ways) error {
				event := fmt.Sprintf(`{"specversion":"1.0","id":"%s%d","source":"shema","type":"booking.confirmed",`+
					`"datacontenttype":"application/json","data":{}}`, poison, s.poisoned.Add(1))

				return s.env.Redis.XAdd(ctx, &redis.XAddArgs{
					Stream: "booking.confirmed",
					Values: map[string]any{"data": event},
				}).Err()
			},
		},
	}
}

// poison is how the ids of events begin that no service can handle. They end among the dead letters, and nothing else does.
const poison = "poison-"

// repeatEvents adds the newest events of all topics of bookings to their streams again.
func repeatEvents(ctx context.Context, db *redis.Client) error {
	const newest = 50

	topics, err := db.Keys(ctx, "*booking.*").Result()
	if err != nil {
		return err
	}

	for _, topic := range topics {
		if strings.Contains(topic, "dead") {
			continue
		}

		entries, err := db.XRevRangeN(ctx, topic, "+", "-", newest).Result()
		if err != nil {
			continue // a key of another kind
		}

		rand.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })

		for _, entry := range entries {
			if err := db.XAdd(ctx, &redis.XAddArgs{Stream: topic, Values: entry.Values}).Err(); err != nil {
				return err
			}
		}
	}

	return nil
}
