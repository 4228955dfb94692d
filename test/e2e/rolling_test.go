package e2e_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/cluster"
)

// rollOut restarts deployments and waits until all their pods are new.
func rollOut(ctx context.Context, apps ...string) {
	GinkgoHelper()

	args := []string{"rollout", "restart"}
	for _, app := range apps {
		args = append(args, "deployment/"+app)
	}

	kubectl(ctx, "", args...)

	for _, app := range apps {
		kubectl(ctx, "", "rollout", "status", "--timeout="+set.patience.String(), "deployment/"+app)
	}

	awaitReady(ctx)
	Eventually(func() ([]string, error) { return shema.Leaving(ctx) }).WithTimeout(set.patience).Should(BeEmpty(), "old pods")
}

// needsRelease skips a spec on a platform that Helm has not installed.
func needsRelease(ctx context.Context) {
	GinkgoHelper()

	if _, err := shema.Helm(ctx, "status", "shema"); err != nil {
		Skip("there is no Helm release shema: " + err.Error())
	}
}

// upgrade changes settings of the chart, written as for --set-json, and waits until only new pods are there.
func upgrade(ctx context.Context, changes ...string) {
	GinkgoHelper()

	args := []string{"upgrade", "shema", filepath.Join(set.root, "charts", "shema"), "--reuse-values"}
	for _, change := range changes {
		args = append(args, "--set-json", change)
	}

	change(ctx, args...)
}

// rollBack brings the release back to a revision.
func rollBack(ctx context.Context, to string) {
	GinkgoHelper()
	change(ctx, "rollback", "shema", to)
}

// revision is that of the release as it is now.
func revision(ctx context.Context) string {
	GinkgoHelper()

	out, err := shema.Helm(ctx, "history", "shema", "--max", "1", "--output", "json")
	Expect(err).NotTo(HaveOccurred(), out)

	var history []struct{ Revision int }
	Expect(json.Unmarshal([]byte(out), &history)).To(Succeed())
	Expect(history).To(HaveLen(1))

	return strconv.Itoa(history[0].Revision)
}

func change(ctx context.Context, args ...string) {
	GinkgoHelper()

	out, err := shema.Helm(ctx, append(args, "--wait", "--timeout", set.patience.String())...)
	Expect(err).NotTo(HaveOccurred(), out)
	awaitReady(ctx)
	Eventually(func() ([]string, error) { return shema.Leaving(ctx) }).WithTimeout(set.patience).Should(BeEmpty(), "old pods")
}

var _ = Describe("A rolling restart under load", Ordered, ContinueOnFailure, SpecPriority(-1), func() {
	var (
		guests *crowd
		talk   *conversation
		total  int
	)

	BeforeAll(func() {
		// Not the context of this node, which ends with it.
		guests, talk = gather(context.Background(), usualRate), converse(context.Background())
	})

	// expectNoneLost counts what is lost from the restart until a few seconds after it.
	expectNoneLost := func(what string, restart func()) {
		GinkgoHelper()

		_, before := guests.take()

		restart()

		after := guests.answered()
		Eventually(guests.answered).WithTimeout(time.Minute).Should(BeNumerically(">", after+5*usualRate))

		lost, after := guests.take()
		total += len(lost)
		measuredf("restart of "+what, "%d of %d requests lost", len(lost), after-before)
		Expect(some(lost)).To(BeEmpty())
	}

	It("goes unnoticed while nothing is restarted", func() { expectNoneLost("nothing", func() {}) })

	for _, app := range cluster.Apps {
		It("of "+app+" loses no request", func(ctx SpecContext) {
			expectNoneLost(app, func() { rollOut(ctx, app) })
		})
	}

	It("of all deployments at once loses no request", func(ctx SpecContext) {
		expectNoneLost("all at once", func() { rollOut(ctx, cluster.Apps...) })
	})

	// What changes is the resources of every pod, the migration's Job included, which can't be changed.
	It("by helm upgrade and helm rollback loses no request", func(ctx SpecContext) {
		needsRelease(ctx)

		before, started := revision(ctx), time.Now()

		expectNoneLost("helm upgrade", func() { upgrade(ctx, `defaults.resources.limits.memory="272Mi"`) })
		measuredf("helm upgrade of everything, old pods gone", "%.1f s", time.Since(started).Seconds())

		started = time.Now()

		expectNoneLost("helm rollback", func() { rollBack(ctx, before) })
		measuredf("helm rollback of everything, old pods gone", "%.1f s", time.Since(started).Seconds())
	})

	It("loses no message, and leaves the tables whole", func(ctx SpecContext) {
		weigh(ctx)
		guests.leave()
		measuredf("lost requests during restarts", "%d of %d at %d a second, %d bookings among them, the slowest %d ms",
			total, guests.answers, guests.rate, guests.bookings, guests.slowest.Milliseconds())
		talk.expectWhole()
		expectLedger(ctx)
	})
})
