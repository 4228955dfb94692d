package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
)

func TestRows(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	pool := pgtest.New(t, schema)
	number := pgx.RowTo[int]

	g.Expect(postgres.List(t.Context(), pool, number, "SELECT * FROM generate_series(1, $1::int)", 3)).To(Equal([]int{1, 2, 3}))
	g.Expect(postgres.List(t.Context(), pool, number, "SELECT 1 WHERE false")).To(BeEmpty())
	g.Expect(postgres.One(t.Context(), pool, number, "SELECT 7")).To(Equal(7))
	g.Expect(postgres.Maybe(t.Context(), pool, number, "SELECT * FROM generate_series(4, 6)")).To(HaveValue(Equal(4)), "the first")
	g.Expect(postgres.Maybe(t.Context(), pool, number, "SELECT 1 WHERE false")).To(BeNil())

	_, err := postgres.One(t.Context(), pool, number, "SELECT 1 WHERE false")
	g.Expect(postgres.NotFound(err)).To(BeTrue())

	_, err = postgres.Maybe(t.Context(), pool, number, "SELECT nonsense")
	g.Expect(err).To(HaveOccurred())
}
