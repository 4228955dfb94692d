package drill_test

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	local "github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/testenv"
)

const (
	password = "correct horse battery"
	// patience is how long something may take on a machine that has much else to do.
	patience = time.Minute
)

// school is a platform as its people and its operators see it.
type school struct {
	*testenv.Environment

	transport *http.Transport
	people    atomic.Int64
}

// open starts a platform in a folder of its own, which stays after a failure.
func open(t *testing.T, dir string) *school {
	t.Helper()
	g := NewWithT(t)

	env, err := testenv.Start(t.Context(), dir, t.Output(), func(*local.Options) {})
	g.Expect(err).NotTo(HaveOccurred(), "logs in %s", dir)

	return &school{Environment: env, transport: client.Transport()}
}

// stranger is a client at an address of its own.
func (s *school) stranger() *client.Client {
	n := s.people.Add(1)
	c := client.New(s.Gateway, fmt.Sprintf("10.%d.%d.%d", n>>16&0xff, n>>8&0xff, n&0xff), s.transport)
	c.Observe = s.Shown.Observe

	return c
}

func (s *school) student(g *WithT, email string) *client.Person {
	c := s.stranger()

	session, err := client.Decode[client.Session](c.Register(email, password, nil), http.StatusCreated)
	g.Expect(err).NotTo(HaveOccurred())

	return &client.Person{Client: c.With(session.AccessToken), Session: session, Email: email, Password: password}
}

func (s *school) signIn(g *WithT, email, secret string) *client.Person {
	c := s.stranger()

	session, err := client.Decode[client.Session](c.Login(email, secret), http.StatusOK)
	g.Expect(err).NotTo(HaveOccurred())

	return &client.Person{Client: c.With(session.AccessToken), Session: session, Email: email, Password: secret}
}

// lessons makes a course with slots from files that can be applied again, and waits until they are offered.
func (s *school) lessons(t *testing.T, g *WithT, name string, count int) []client.Slot {
	t.Helper()

	g.Expect(s.Catalogue.Create(t.Context(), catalogue.Course(name), catalogue.Schedule(name, name, firstSlot, count))).To(Succeed())

	var slots []client.Slot

	g.Eventually(func() int {
		course, err := client.Decode[client.Course](s.stranger().Get("/api/courses/"+name), http.StatusOK)
		if err != nil {
			return 0
		}

		slots, _ = client.Available(s.stranger(), course.ID)

		return len(slots)
	}).WithTimeout(patience).Should(Equal(count))

	return slots
}

// firstSlot is the same in all catalogues of a run, as it is in files.
var firstSlot = catalogue.Start()

func book(g *WithT, p *client.Person, first, second client.Slot) client.Booking {
	booking, err := client.Decode[client.Booking](p.Book(first.CourseID, first.ID, second.ID), http.StatusCreated)
	g.Expect(err).NotTo(HaveOccurred())

	return booking
}

// program runs one of Postgres' own programs.
func (s *school) program(t *testing.T, g *WithT, name string, arguments ...string) {
	t.Helper()

	cmd := exec.CommandContext(t.Context(), s.PostgresProgram(name), arguments...)

	out, err := cmd.CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), "%s %s: %s", name, strings.Join(arguments, " "), out)
}

// ofServices does something to all programs that use the database.
func ofServices(do func(name string) error) error {
	for _, name := range []string{"auth", "user", "course", "booking", "chat", "recommendation", "operator"} {
		if err := do(name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}

	return nil
}

func backupFile(dir string) string { return filepath.Join(dir, "backup.dump") }

func eventually(ctx context.Context, g *WithT, check func() error) {
	g.Eventually(ctx, check).WithTimeout(patience).WithPolling(200 * time.Millisecond).Should(Succeed())
}
