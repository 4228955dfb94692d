package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
)

// writers is a pool as services open it.
func writers(t *testing.T) *pgxpool.Pool {
	t.Helper()

	pool, err := postgres.Open(t.Context(), pgtest.NewDatabase(t, schema).URL(schema.Role), postgres.WithMaxConns(1))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	t.Cleanup(pool.Close)

	return pool
}

func TestWritable(t *testing.T) {
	t.Parallel()
	g, pool := NewWithT(t), writers(t)

	for range 2 {
		g.Expect(postgres.Writable(t.Context(), pool, schema.Name)).To(Succeed())
	}

	var rows int
	g.Expect(pool.QueryRow(t.Context(), "SELECT count(*) FROM course.readiness").Scan(&rows)).To(Succeed())
	g.Expect(rows).To(Equal(1))

	_, err := pool.Exec(t.Context(), "SET default_transaction_read_only = on")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(pool.Ping(t.Context())).To(Succeed(), "it answers")
	g.Expect(postgres.Writable(t.Context(), pool, schema.Name)).NotTo(Succeed())
}

// One small row may fit where nothing else does.
func TestWritable_Full(t *testing.T) {
	t.Parallel()
	g, pool := NewWithT(t), writers(t)

	_, err := pool.Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'unique_violation'; END $$")
	g.Expect(err).To(HaveOccurred())
	g.Expect(postgres.Writable(t.Context(), pool, schema.Name)).To(Succeed(), "other failures don't count")

	_, err = pool.Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'disk_full'; END $$")
	g.Expect(err).To(HaveOccurred())
	g.Expect(postgres.Writable(t.Context(), pool, schema.Name)).To(MatchError(postgres.ErrNoRoom))
}
