package store_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
)

// crowd is enough for going through all of them to be the wrong way.
const crowd = 5_000

// Neither a search nor the count of students goes through all people, however often they are asked for: a plan that is
// made once for all questions would.
func TestStore_List_SearchesByIndex(t *testing.T) {
	g, f := NewWithT(t), setUp(t)

	for begin := 1; begin < crowd; begin += 100 { // within the time of a statement
		_, err := f.pool.Exec(t.Context(), `INSERT INTO users.users (id, email, email_key, password_hash, full_name, role, status)
			SELECT gen_random_uuid(), 'person' || n || '@shema.test', 'person' || n || '@shema.test', '', md5(n::text), 'student', 'active'
			FROM generate_series($1::int, $1 + 99) AS n`, begin)
		g.Expect(err).NotTo(HaveOccurred())
	}

	_, err := f.pool.Exec(t.Context(), `UPDATE users.users SET role = 'teacher' WHERE email_key = 'person1@shema.test'`)
	g.Expect(err).NotTo(HaveOccurred())

	_, err = f.pool.Exec(t.Context(), `VACUUM ANALYZE users.users`)
	g.Expect(err).NotTo(HaveOccurred())

	const times = 10

	pool := pgtest.OneConnection(t, f.pool)
	before := pgtest.RowsRead(t, pool, "users.users")
	people := store.New(pool, f.outbox, store.NewLetters(pool))

	for range times {
		found, err := people.List(t.Context(), user.Filter{Text: "ERSON777@"}, nil, 21)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(HaveLen(1))

		found, err = people.List(t.Context(), user.Filter{Text: "zzyzx"}, nil, 21) // a rare one, which Postgres takes for frequent
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(BeEmpty())

		found, err = people.List(t.Context(), user.Filter{Role: auth.Teacher}, nil, 21)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(HaveLen(1))

		found, err = people.List(t.Context(), user.Filter{Status: user.Pending}, nil, 21)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(BeEmpty())

		count, err := people.CountStudents(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(count).To(BeEquivalentTo(crowd - 1))
	}

	g.Expect(pgtest.RowsRead(t, pool, "users.users")-before).To(BeNumerically("<", crowd/10), "rows read, of %d", crowd)
}
