package drill_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/shema-music/shema/local/verify"
	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/collector"
	"github.com/shema-music/shema/test/internal/testenv"
)

// before is what people have done before the backup, and lost what they did after it.
type before struct {
	admin           string
	confirmed, open client.Booking
	keeper, waiter  *client.Person
	slots           []client.Slot
}

// TestDrill follows a request through a platform, takes a backup, lets people go on, and restores the backup into a new
// platform: other secrets, an empty Redis, a cluster to which the same files are applied again. Then etcd loses what came
// after a backup of its own.
func TestDrill(t *testing.T) {
	g := NewWithT(t)
	traces := collector.Start()
	t.Cleanup(traces.Close)

	dir := testenv.Folder(t, "drill")

	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", traces.URL())

	old := open(t, dir)
	old.expectSeen(t, g, traces)

	was := old.live(t, g)
	old.program(t, g, "pg_dump", "--format=custom", "--file="+backupFile(dir), "--dbname="+old.DatabaseURL())
	old.goOn(t, g, was)
	g.Expect(old.Close()).To(Succeed())

	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")

	anew := open(t, testenv.Folder(t, "drill"))
	t.Cleanup(func() { g.Expect(anew.Close()).To(Succeed()) })

	anew.restore(t, g, backupFile(dir))
	anew.applyFiles(t, g)
	anew.expectAsBefore(t, g, was)
	anew.restoreCluster(t, g)

	t.Run("migrations", func(t *testing.T) { anew.migrateBackAndForth(t, backupFile(dir)) })
}

// live has a lesson confirmed and another asked for.
func (s *school) live(t *testing.T, g *WithT) *before {
	t.Helper()

	was := &before{
		admin:  s.AdminPassword,
		slots:  s.lessons(t, g, "restored", 6),
		keeper: s.student(g, "keeper@drill.shema.test"),
		waiter: s.student(g, "waiter@drill.shema.test"),
	}
	was.confirmed = book(g, was.keeper, was.slots[0], was.slots[1])
	was.open = book(g, was.waiter, was.slots[2], was.slots[3])

	admin := s.signIn(g, s.AdminEmail, s.AdminPassword)
	_, err := client.Decode[client.Booking](admin.Confirm(was.confirmed.ID, was.slots[0].ID), http.StatusOK)
	g.Expect(err).NotTo(HaveOccurred())

	return was
}

// goOn does what the backup will know nothing of.
func (s *school) goOn(t *testing.T, g *WithT, was *before) {
	t.Helper()

	admin := s.signIn(g, s.AdminEmail, s.AdminPassword)
	_, err := client.Decode[client.Booking](admin.Confirm(was.open.ID, was.slots[2].ID), http.StatusOK)
	g.Expect(err).NotTo(HaveOccurred())

	latecomer := s.student(g, "latecomer@drill.shema.test")
	book(g, latecomer, was.slots[4], was.slots[5])
	s.lessons(t, g, "later", 2)
}

// restore does what the runbook says: no service writes, the database is made anew from the backup, its roles are prepared,
// and all come back.
func (s *school) restore(t *testing.T, g *WithT, backup string) {
	t.Helper()

	g.Expect(ofServices(s.Stop)).To(Succeed())

	server, err := postgres.WithDatabase(s.DatabaseURL(), "postgres")
	g.Expect(err).NotTo(HaveOccurred())

	s.DB.Reset()
	s.program(t, g, "dropdb", "--force", "--maintenance-db="+server, postgres.DatabaseName)
	s.program(t, g, "createdb", "--maintenance-db="+server, postgres.DatabaseName)
	s.program(t, g, "pg_restore", "--exit-on-error", "--dbname="+s.DatabaseURL(), backup)
	g.Expect(postgres.Prepare(t.Context(), s.DatabaseURL(), nil)).To(Succeed())

	g.Expect(ofServices(s.Start)).To(Succeed())
}

// applyFiles applies the catalogue as it is in its files, what came after the backup among it.
func (s *school) applyFiles(t *testing.T, g *WithT) {
	t.Helper()

	for name, count := range map[string]int{"seen": 2, "restored": 6, "later": 2} {
		g.Expect(s.Catalogue.Create(t.Context(), catalogue.Course(name), catalogue.Schedule(name, name, firstSlot, count))).To(Succeed())
	}

	eventually(t.Context(), g, func() error {
		var courses v1alpha1.CourseList
		if err := s.Catalogue.List(t.Context(), &courses); err != nil {
			return err
		}

		for _, course := range courses.Items {
			if !meta.IsStatusConditionTrue(course.Status.Conditions, "Ready") {
				return errors.New(course.Name + " is not ready")
			}
		}

		return nil
	})
}

// expectAsBefore looks that all is as it was when the backup was taken, that nothing of later is there, and that people
// can go on.
func (s *school) expectAsBefore(t *testing.T, g *WithT, was *before) {
	t.Helper()

	keeper := s.signIn(g, was.keeper.Email, password)
	confirmed, err := client.Decode[client.Booking](keeper.Booking(was.confirmed.ID), http.StatusOK)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(confirmed.Status).To(Equal("confirmed"))
	g.Expect(confirmed.ConfirmedSlotID).To(HaveValue(Equal(was.slots[0].ID)))

	waiter := s.signIn(g, was.waiter.Email, password)
	open, err := client.Decode[client.Booking](waiter.Booking(was.open.ID), http.StatusOK)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(open.Status).To(Equal("pending"), "it was confirmed after the backup")

	g.Expect(s.stranger().Login("latecomer@drill.shema.test", password).Status).To(Equal(http.StatusUnauthorized))

	eventually(t.Context(), g, func() error {
		free, err := client.Available(s.stranger(), was.slots[0].CourseID)
		if err == nil && (len(free) != 3 || free[0].ID != was.slots[1].ID) {
			err = errors.New("other slots are offered than before the backup")
		}

		return err
	})

	admin := s.signIn(g, s.AdminEmail, was.admin)
	_, err = client.Decode[client.Booking](admin.Confirm(was.open.ID, was.slots[3].ID), http.StatusOK)
	g.Expect(err).NotTo(HaveOccurred())
	book(g, keeper, was.slots[1], was.slots[2])
	s.expectPromisesKept(t, g)
}

func (s *school) expectPromisesKept(t *testing.T, g *WithT) {
	t.Helper()

	result, err := verify.As(t.Context(), s.DatabaseURL(), verify.Patience{Looks: 15, Every: 2 * time.Second})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(result.Findings).To(BeEmpty())
}
