package pgtest_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/pgtest"
)

func sample(sql string) pgtest.Schema {
	return pgtest.Schema{
		Name: "course",
		Role: "course_service",
		Migrations: fstest.MapFS{
			"00001_sample.sql": {Data: []byte("-- +goose Up\n" + sql)},
		},
	}
}

// New gives each test its own migrated database.
func TestNew_OwnDatabase(t *testing.T) {
	t.Parallel()

	schema := sample("CREATE TABLE course.things (id int PRIMARY KEY);\nGRANT SELECT ON course.river_job TO catalog_operator;")
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			pool := pgtest.New(t, schema)
			_, err := pool.Exec(t.Context(), "INSERT INTO course.things VALUES (1)")
			g.Expect(err).NotTo(HaveOccurred())
		})
	}
}

// Pool acts as the role.
func TestNew_ActsAsRole(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, sample("CREATE TABLE course.secrets (id int);"))

	var user, path string

	service := db.Pool(t, "course_service")
	g.Expect(service.QueryRow(t.Context(), "SELECT current_user").Scan(&user)).To(Succeed())
	g.Expect(user).To(Equal("course_service"))
	g.Expect(service.QueryRow(t.Context(), "SHOW search_path").Scan(&path)).To(Succeed())
	g.Expect(path).To(Equal("course"))

	_, err := db.Pool(t, "booking_service").Exec(t.Context(), "SELECT * FROM course.secrets")
	g.Expect(err).To(MatchError(ContainSubstring("permission denied")))

	_, err = service.Exec(t.Context(), "CREATE TABLE public.nowhere ()")
	g.Expect(err).To(MatchError(ContainSubstring("permission denied")))
}

// Database is gone after the test.
func TestNew_DropsDatabase(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	var url string
	t.Run("uses a database", func(t *testing.T) {
		url = pgtest.NewDatabase(t, sample("SELECT 1;")).SuperuserURL()
	})

	_, err := pgx.Connect(context.Background(), url)
	g.Expect(err).To(MatchError(ContainSubstring("does not exist")))
}
