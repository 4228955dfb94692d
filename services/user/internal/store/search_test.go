package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
)

// crowd is enough for going through all of them to be the wrong way.
const crowd = 5_000

// Neither a search nor the count of students goes through everybody, however often they are asked for: a plan that is
// made once for all questions would.
func TestStore_List_SearchesByIndex(t *testing.T) {
	g, f := NewWithT(t), setUp(t)

	for begin := 1; begin < crowd; begin += 500 { // within the time of a statement
		_, err := f.pool.Exec(t.Context(), `INSERT INTO users.users (id, email, email_key, password_hash, full_name, role, status)
			SELECT gen_random_uuid(), 'person' || n || '@shema.test', 'person' || n || '@shema.test', '', md5(n::text), 'student', 'active'
			FROM generate_series($1::int, $1 + 499) AS n`, begin)
		g.Expect(err).NotTo(HaveOccurred())
	}

	_, err := f.pool.Exec(t.Context(), `VACUUM ANALYZE users.users`)
	g.Expect(err).NotTo(HaveOccurred())

	// What one connection has read is known as soon as it is asked to tell.
	config := f.pool.Config().Copy()
	config.MaxConns = 1

	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(pool.Close)

	const times = 10

	before := readOf(t, g, pool)
	people := store.New(pool, f.outbox)

	for range times {
		found, err := people.List(t.Context(), user.Filter{Text: "ERSON777@"}, nil, 21)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(HaveLen(1))

		count, err := people.CountStudents(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(count).To(BeEquivalentTo(crowd))
	}

	g.Expect(readOf(t, g, pool)-before).To(BeNumerically("<", crowd/10), "rows read, of %d", crowd)
}

// readOf returns how many rows of people have been read, on whatever way.
func readOf(t *testing.T, g *WithT, pool *pgxpool.Pool) int64 {
	t.Helper()

	_, err := pool.Exec(t.Context(), "SELECT pg_stat_force_next_flush()")
	g.Expect(err).NotTo(HaveOccurred())

	var rows int64

	err = pool.QueryRow(t.Context(), `SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relid = 'users.users'::regclass`).Scan(&rows)
	g.Expect(err).NotTo(HaveOccurred())

	return rows
}
