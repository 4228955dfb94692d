package platform_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	local "github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/test/internal/ledger"
	"github.com/shema-music/shema/test/internal/world"
)

var (
	platform *world.World
	failed   atomic.Bool
)

// TestPlatform runs the suite on a platform of its own.
func TestPlatform(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(5 * time.Second)
	SetDefaultEventuallyPollingInterval(25 * time.Millisecond)
	RunSpecs(t, "Platform")
}

var _ = BeforeSuite(func() {
	dir, err := os.MkdirTemp("", "shema-platform-")
	Expect(err).NotTo(HaveOccurred())
	started := time.Now()
	platform, err = world.Start(context.Background(), dir, GinkgoWriter, func(o *local.Options) {
		o.BuildTags = []string{"faults"}
		o.Replicas = map[string]int{"gateway": 2}
	})
	Expect(err).NotTo(HaveOccurred())
	_, _ = fmt.Fprintf(os.Stdout, "platform started in %s, logs in %s\n", time.Since(started).Round(time.Millisecond), dir)
	DeferCleanup(func() {
		Expect(platform.Close()).To(Succeed())
		if !failed.Load() && os.Getenv("KEEP") == "" {
			Expect(os.RemoveAll(dir)).To(Succeed())
		}
	})
})

var _ = AfterEach(func() {
	if CurrentSpecReport().Failed() {
		failed.Store(true)
		return
	}
	Expect(conventions.take()).To(BeEmpty(), "conventions that every answer keeps")
	Eventually(quiet).WithTimeout(15*time.Second).Should(BeZero(), "jobs in flight")
	Eventually(broken).WithTimeout(5*time.Second).Should(BeEmpty(), "promises of the tables")
})

// broken lists the promises of the tables that do not hold.
func broken() (string, error) {
	found, err := ledger.Broken(context.Background(), platform.DB)
	return strings.Join(found, "\n"), err
}

// quiet counts the durable jobs that are not done.
func quiet() (int, error) {
	return ledger.InFlight(context.Background(), platform.DB, "users", "auth", "course", "booking")
}
