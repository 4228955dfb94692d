package pgtest

import (
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	. "github.com/onsi/gomega"
)

// Sweep leaves what is in use.
func TestSweep_DatabaseInUse(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	db := NewDatabase(t, Schema{
		Name: "course",
		Role: "course_service",
		Migrations: fstest.MapFS{
			"00001_x.sql": {Data: []byte("-- +goose Up\nSELECT 1;")},
		},
	})
	conn, err := pgx.Connect(t.Context(), serverURL(t))
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = conn.Close(t.Context()) }()

	g.Expect(sweep(t.Context(), conn)).To(Succeed())

	still, err := pgx.Connect(t.Context(), db.SuperuserURL())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(still.Close(t.Context())).To(Succeed())
}
