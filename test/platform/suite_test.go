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
	"github.com/shema-music/shema/test/internal/invariants"
	"github.com/shema-music/shema/test/internal/specreport"
	"github.com/shema-music/shema/test/internal/testenv"
)

var (
	platform *testenv.Environment
	failed   atomic.Bool
	verdicts specreport.Verdicts
)

// TestPlatform runs the suite on a platform of its own.
func TestPlatform(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(5 * time.Second)
	SetDefaultEventuallyPollingInterval(25 * time.Millisecond)
	RunSpecs(t, "Platform")
	verdicts.Print(os.Stdout)
}

var _ = BeforeSuite(func() {
	dir, err := os.MkdirTemp("", "shema-platform-")
	Expect(err).NotTo(HaveOccurred())

	started := time.Now()

	failed.Store(true) // until the suite is ready

	platform, err = testenv.Start(context.Background(), dir, GinkgoWriter, func(o *local.Options) {
		o.BuildTags = []string{"faults"}
		o.Replicas = replicas()
	})
	Expect(err).NotTo(HaveOccurred())

	_, _ = fmt.Fprintf(os.Stdout, "platform started in %s with %d programs, logs in %s\n",
		time.Since(started).Round(time.Millisecond), len(platform.Status()), dir)
	DeferCleanup(func() {
		Expect(platform.Close()).To(Succeed())

		if !failed.Load() && os.Getenv("KEEP") == "" {
			Expect(os.RemoveAll(dir)).To(Succeed())
		}
	})

	crowd.Gateway, crowd.AdminEmail, crowd.AdminPassword = platform.Gateway, platform.AdminEmail, platform.AdminPassword

	contract, err = readDocument(platform.Gateway + "/openapi.yaml")
	Expect(err).NotTo(HaveOccurred())

	prepareMeanwhile()
	failed.Store(false)
})

// acrossReplicas marks the specs that are worth running again with two of each service, which "make test-replicas" does.
var acrossReplicas = Label("replicas")

// replicas is how many of each service run: two with REPLICAS=2. There are two gateways and two chats in any case.
func replicas() map[string]int {
	if os.Getenv("REPLICAS") == "2" {
		return local.Each(2)
	}

	return map[string]int{"gateway": 2, "chat": 2}
}

// onlyWithTwo leaves out what can't be seen with one of each service.
func onlyWithTwo() {
	if !platform.Two() {
		Skip("with two of each service only: make test-platform REPLICAS=2")
	}
}

var _ = AfterEach(func() {
	if CurrentSpecReport().Failed() {
		return
	}

	Expect(conventions.take()).To(BeEmpty(), "what every answer keeps, and what the document says of it")

	settled()
})

// What the suite leaves behind keeps all promises, also those that no single spec is asked for.
var _ = AfterSuite(func() {
	if platform == nil || failed.Swap(true) {
		return
	}

	Expect(invariants.AllBroken(context.Background(), platform.DatabaseURL())).To(BeEmpty(), "shema verify")
	failed.Store(false)
})

// After a failure the folder stays, with the logs.
var _ = ReportAfterEach(func(r SpecReport) {
	verdicts.Note(r)

	if r.Failed() {
		failed.Store(true)
	}
})

// settled waits until nothing is in flight and all promises of the tables hold. A booking whose making was interrupted
// is finished or undone within seconds of the return of what interrupted it.
func settled() {
	GinkgoHelper()
	Eventually(inFlight).WithTimeout(20*time.Second).Should(BeEmpty(), "jobs in flight")
	Eventually(broken).WithTimeout(20*time.Second).Should(BeEmpty(), "promises of the tables")
}

// broken lists the promises of the tables that do not hold.
func broken() (string, error) {
	found, err := invariants.Broken(context.Background(), platform.DB)
	return strings.Join(found, "\n"), err
}

// inFlight lists the durable jobs that are not done.
func inFlight() (string, error) {
	found, err := invariants.InFlight(context.Background(), platform.DB, "users", "auth", "course", "booking", "recommendation", "chat")
	return strings.Join(found, "\n"), err
}
