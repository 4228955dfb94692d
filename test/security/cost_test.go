package security_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/hostile"
	"github.com/shema-music/shema/test/internal/client"
)

// processor is how long the threads of a program have run so far.
func processor(program string) time.Duration {
	GinkgoHelper()

	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pidOf(program)))
	Expect(err).NotTo(HaveOccurred())
	Expect(files).NotTo(BeEmpty(), "this system does not tell")

	var total time.Duration
	for _, file := range files {
		content, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the thread has ended
		}

		Expect(err).NotTo(HaveOccurred())

		var nanoseconds int64

		_, err = fmt.Sscan(string(content), &nanoseconds)
		Expect(err).NotTo(HaveOccurred())

		total += time.Duration(nanoseconds)
	}

	return total
}

// resident is how much memory a program holds, in MiB.
func resident(program string) int {
	GinkgoHelper()

	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pidOf(program)))
	Expect(err).NotTo(HaveOccurred())

	_, rest, found := strings.Cut(string(content), "VmRSS:")
	Expect(found).To(BeTrue())

	var kib int

	_, err = fmt.Sscan(rest, &kib)
	Expect(err).NotTo(HaveOccurred())

	return kib >> 10
}

func pidOf(program string) int {
	GinkgoHelper()

	for _, status := range platform.Status() {
		if status.Name == program {
			return status.PID
		}
	}

	Fail("no program " + program)

	return 0
}

// dear is an operation that takes fields of several kinds, at the service itself, so that one process alone pays.
type dear struct {
	app, method, path string
	fields            hostile.Fields
	person            *client.Person
}

func (d dear) ask(body string) client.Answer {
	c := at(d.app)
	if d.person != nil {
		c = c.With(d.person.Token)
	}

	return c.Do(d.method, d.path, client.Raw(body), sidecar(d.app), from(apps.Gateway, d.app))
}

// cost is the processor time of one answer to a body.
func (d dear) cost(body string) time.Duration {
	GinkgoHelper()

	const times = 100

	Expect(d.ask(body).Status).To(Equal(400), "%.60s", body)

	before := processor(apps.Get(d.app).Name)
	for range times {
		d.ask(body)
	}

	return (processor(apps.Get(d.app).Name) - before) / times
}

var _ = Describe("Hostile JSON", func() {
	const (
		small, large = 9 << 10, 900 << 10
		// much is how many times as dear it may be; a busy machine makes everything dearer, one as the other.
		much = 10
	)

	It("costs a service no more than its size", func() {
		for _, d := range []dear{
			{app: apps.Auth, method: "POST", path: "/api/auth/register", fields: hostile.Fields{Text: "full_name", Form: "email", List: "preferred_instruments"}},
			{app: apps.User, method: "PATCH", path: "/api/users/me", fields: hostile.Fields{Text: "full_name", Form: "phone", List: "preferred_instruments"}, person: student()},
			{app: apps.Booking, method: "POST", path: "/api/bookings/create", fields: hostile.Fields{Text: "note", Form: "course_id"}, person: student()},
		} {
			name := apps.Get(d.app).Name
			friendly := d.cost(`{"` + d.fields.Text + `":"` + strings.Repeat("Siti ", small/5) + `"}`)
			held := resident(name)

			for what, shape := range hostile.Shapes(d.fields) {
				spite := d.cost(shape(small))
				AddReportEntry("processor time", fmt.Sprintf("%s: 9 KB of %s: %s, of a long text: %s", name, what, spite, friendly), ReportEntryVisibilityFailureOrVerbose)
				Expect(spite).To(BeNumerically("<", much*friendly), "%s: %s", name, what)

				Expect(d.ask(shape(large)).Status).To(BeElementOf(400, 413), "%s: %s", name, what)
			}

			Expect(resident(name)-held).To(BeNumerically("<", 128), "MiB that %s holds more", name)
			Expect(at(d.app).Get("/healthz")).To(succeed(200))
		}
	})

	It("is refused through the gateway, and others notice nothing", func() {
		for what, shape := range hostile.Shapes(hostile.Fields{Text: "email", Form: "email", List: "email", Object: "email", Number: "password"}) {
			a := stranger().Post("/api/auth/login", client.Raw(shape(large)))
			Expect(a.Status).To(BeElementOf(400, 413), "%s: %s", what, a)
			Expect(len(a.Body)).To(BeNumerically("<", 32<<10), what)
			Expect(stranger().Get("/api/courses")).To(succeed(200))
		}
	})
})
