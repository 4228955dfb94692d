package security_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	local "github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/matchers"
	"github.com/shema-music/shema/test/internal/people"
	"github.com/shema-music/shema/test/internal/testenv"
)

// patience is how long something may take on a busy machine.
const patience = 20 * time.Second

var (
	platform *testenv.Environment
	crowd    = new(people.Crowd)
	failed   atomic.Bool

	succeed   = matchers.Succeed
	beRefused = matchers.BeRefused
	count     = matchers.Count
	invalid   = beRefused(401, "AUTH_INVALID_TOKEN")
	forbidden = beRefused(403, "AUTH_FORBIDDEN")
	notFound  = beRefused(404, "NOT_FOUND")
)

// TestSecurity runs the suite on a platform of its own.
func TestSecurity(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(25 * time.Millisecond)
	RunSpecs(t, "Security")
}

var _ = BeforeSuite(func() {
	dir, err := os.MkdirTemp("", "shema-security-")
	Expect(err).NotTo(HaveOccurred())

	failed.Store(true) // until the suite is ready

	platform, err = testenv.Start(context.Background(), dir, GinkgoWriter, func(*local.Options) {})
	Expect(err).NotTo(HaveOccurred())

	_, _ = fmt.Fprintf(os.Stdout, "platform started, logs in %s\n", dir)

	DeferCleanup(func() {
		Expect(platform.Close()).To(Succeed())

		if !failed.Load() && os.Getenv("KEEP") == "" {
			Expect(os.RemoveAll(dir)).To(Succeed())
		}
	})

	crowd.Gateway, crowd.AdminEmail, crowd.AdminPassword = platform.Gateway, platform.AdminEmail, platform.AdminPassword
	crowd.Observe = platform.Shown.Observe

	failed.Store(false)
})

// After all specs, whatever they did, nothing is broken. That no log shows a secret is looked at when the platform is closed.
var _ = AfterSuite(func() {
	if platform == nil {
		return
	}

	defer func() {
		if r := recover(); r != nil {
			failed.Store(true)
			panic(r)
		}
	}()

	By("asking shema verify")
	Expect(broken()).To(BeEmpty())

	files, err := filepath.Glob(filepath.Join(filepath.Dir(platform.Log("gateway")), "*"))
	Expect(err).NotTo(HaveOccurred())
	Expect(files).To(ContainElements(platform.Log("gateway"), platform.Log("chat"), platform.Log("auth-dapr"), platform.Log("postgres")))
	Expect(len(platform.Shown.Known())).To(BeNumerically(">", 20), "the suite has kept what it was given")
})

// After a failure the folder stays, with the logs.
var _ = ReportAfterEach(func(r SpecReport) {
	if r.Failed() {
		failed.Store(true)
	}
})

// broken is what "shema verify" prints.
func broken() string {
	GinkgoHelper()

	result, err := platform.Verify(context.Background())
	Expect(err).NotTo(HaveOccurred())

	return result.Broken()
}

// people of the suite, in short.
func stranger() *client.Client                  { return crowd.Stranger() }
func student() *client.Person                   { return crowd.Student() }
func withRole(role string) *client.Person       { return crowd.WithRole(role) }
func admin() *client.Person                     { return crowd.Admin() }
func read[T any](a client.Answer, status int) T { return people.Read[T](a, status) }

// answered matches what is neither a refusal for who one is, nor a failure of the platform.
func answered(a client.Answer) string {
	switch a.Status {
	case 0, 401, 403, 500, 502, 503, 504:
		return a.String()
	}

	return ""
}
