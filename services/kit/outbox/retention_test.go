package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"
	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/kit/pgtest"
)

// An event waits for as long as the broker is away, and leaves with its row when that is back.
func TestOutbox_Events_Retention(t *testing.T) {
	t.Parallel()

	pgtest.CheckRetention(t, func(t *testing.T) (*pgxpool.Pool, func(context.Context) error) {
		pool, b := pgtest.New(t, schema), &broker{away: true}
		start(t, pool, b, nil)

		return pool, func(context.Context) error {
			before := b.mostTries()
			NewWithT(t).Eventually(b.mostTries, patience).Should(BeNumerically(">", before))

			return nil
		}
	}, pgtest.Retention{
		Table: "outbox_events",
		Kept:  "until they have left",
		Rows:  "course.outbox_events",
		Make: []string{`INSERT INTO course.outbox_events (id, topic, data)
			VALUES (gen_random_uuid(), 'booking.created', '{}')`},
		Move: `UPDATE course.outbox_events SET created_at = created_at - $1::interval, due_at = due_at - $1::interval`,
	})
}

// River's cleaner looks at once when a service starts.
func TestOutbox_Jobs_Retention(t *testing.T) {
	t.Parallel()

	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	cases := []struct {
		Table, Kept string
		state       string
		after       time.Duration
	}{
		{
			Table: "river_job",
			Kept:  "5 seconds",
			state: "completed",
			after: 5 * time.Second,
		},
		{
			Table: "river_job",
			Kept:  "1 day",
			state: "cancelled",
			after: 24 * time.Hour,
		},
		{
			Table: "river_job",
			Kept:  "7 days",
			state: "discarded",
			after: 7 * 24 * time.Hour,
		},
	}

	for _, c := range cases {
		_, err := pool.Exec(t.Context(), `INSERT INTO course.river_job (kind, args, state, max_attempts, finalized_at)
			VALUES ('old', '{}', $1, 1, now() - $2::interval * 1.1), ('young', '{}', $1, 1, now() - $2::interval + '1 minute')`,
			c.state, c.after)
		g.Expect(err).NotTo(HaveOccurred())
	}

	start(t, pool, &broker{}, func(workers *river.Workers) {})

	left := func() (kinds []string) {
		rows, err := pool.Query(t.Context(), `SELECT kind FROM course.river_job`)
		g.Expect(err).NotTo(HaveOccurred())

		for rows.Next() {
			var kind string
			g.Expect(rows.Scan(&kind)).To(Succeed())

			kinds = append(kinds, kind)
		}

		return kinds
	}

	g.Eventually(left, "2m").Should(ConsistOf("young", "young", "young"))
}
