package pgtest

import (
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/postgres"
)

// Unserved finds statements that go through a table, in the plans that Postgres shows.
func TestUnserved(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := NewDatabase(t, Schema{Name: "course", Role: "course_service", Migrations: fstest.MapFS{
		"00001_x.sql": {Data: []byte("-- +goose Up\nCREATE TABLE course.things (id int PRIMARY KEY, name text);" +
			"CREATE TABLE course.mail_windows (id int);")},
	}})

	var found []string

	pool, err := postgres.Open(t.Context(), db.URL("course_service"), withPlans(func(plan string) {
		g.Expect(mayReadAll()).To(BeTrue(), "the statement is this test's own")

		if rows := unserved(plan); rows != "" {
			found = append(found, rows)
		}
	}))
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(pool.Close)

	for _, sql := range []string{
		"SELECT name FROM things WHERE id = 1",
		"SELECT count(*) FROM things",
		"SELECT FROM mail_windows WHERE id = 1",
	} {
		_, err := pool.Exec(t.Context(), sql)
		g.Expect(err).NotTo(HaveOccurred())
	}

	g.Expect(found).To(BeEmpty())

	_, err = pool.Exec(t.Context(), "UPDATE things SET name = 'x' WHERE name = 'y'")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(ConsistOf(And(ContainSubstring("Seq Scan on things"), ContainSubstring("name = 'y'"))))
}
