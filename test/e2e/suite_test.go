package e2e_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/cluster"
)

var (
	set       settings
	shema     *cluster.Cluster
	resources *catalogue.Writer
	began     = time.Now()
)

// TestE2E runs the suite on the cluster of KUBECONFIG. What is missing is said before anything is touched.
func TestE2E(t *testing.T) {
	var err error
	if set, err = readSettings(); err != nil {
		t.Fatal(err)
	}

	if shema, err = preflight(context.Background()); err != nil {
		t.Fatal(err)
	}

	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(15 * time.Second)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	RunSpecs(t, "Cluster")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	var err error

	resources, err = catalogue.For(shema.Config)
	Expect(err).NotTo(HaveOccurred())

	if releases != nil {
		installAll(ctx)
	}

	sayf("waiting until every deployment is ready")
	awaitReady(ctx)
	findIngress(ctx)
	findAdmin(ctx)
	sayf("ready at %s with the host %s", set.ingress, set.host)
	DeferCleanup(tidy)
})

// awaitReady waits until all pods of all apps are new and ready, and says for whom it waits.
func awaitReady(ctx context.Context) {
	GinkgoHelper()

	said := time.Now()
	Eventually(func() ([]string, error) {
		waiting, err := shema.NotReady(ctx)
		if len(waiting) > 0 && time.Since(said) > 10*time.Second {
			said = time.Now()

			sayf("still waiting for %v", waiting)
		}

		return waiting, err
	}).WithTimeout(set.patience).WithPolling(250*time.Millisecond).Should(BeEmpty(), "deployments that are not ready")
}

// sayf tells who watches what goes on.
func sayf(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stdout, "[%6.1f s] %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
}
