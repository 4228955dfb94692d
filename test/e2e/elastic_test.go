package e2e_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/cluster"
)

// rush is how many people more sign in in a second than one pod of auth is meant for.
const rush = 7

// signIns lets many people sign in, until the context ends.
func (c *crowd) signIns(ctx context.Context) {
	tick := time.NewTicker(time.Second / rush)
	defer tick.Stop()

	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			g := c.members[i%len(c.members)]
			c.running.Go(func() { c.count(stranger().Login(g.Email, g.Password)) })
		}
	}
}

// scaler reads the HorizontalPodAutoscaler of an app.
func scaler(ctx context.Context, app string) (autoscalingv2.HorizontalPodAutoscalerStatus, error) {
	var found autoscalingv2.HorizontalPodAutoscaler

	err := shema.Get(ctx, client.ObjectKey{Namespace: shema.Namespace, Name: app}, &found)

	return found.Status, err
}

var _ = Describe("The number of pods", SpecPriority(-2), func() {
	It("follows the load up and down, and no request is lost", func(ctx SpecContext) {
		needsRelease(ctx)

		if _, err := shema.Kubectl(ctx, "", "get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes"); err != nil {
			Skip("the cluster has no metrics server: " + err.Error())
		}

		DeferCleanup(rollBack, revision(ctx))
		upgrade(ctx, "apps.auth.autoscaling.enabled=true", "apps.auth.autoscaling.minReplicas=1", "apps.auth.autoscaling.maxReplicas=2")
		Eventually(func() (autoscalingv2.HorizontalPodAutoscalerStatus, error) { return scaler(ctx, apps.Auth) }).
			WithTimeout(2*time.Minute).WithPolling(time.Second).Should(HaveField("CurrentMetrics", Not(BeEmpty())), "what it uses is known")

		guests := gather(context.Background(), quietRate)
		pods := func() (int, error) {
			found, err := shema.Pods(ctx, apps.Auth)
			return len(found), err
		}

		By("many signing in at once")

		many, enough := context.WithCancel(context.Background())
		defer enough()

		guests.running.Go(func() { guests.signIns(many) })

		began := time.Now()

		Eventually(pods).WithTimeout(3 * time.Minute).WithPolling(time.Second).Should(Equal(2))
		awaitReady(ctx)
		measuredf("from a rush of sign-ins to a second pod that is ready", "%.0f s", time.Since(began).Seconds())

		By("the rush being over")
		enough()

		began = time.Now()

		Eventually(pods).WithTimeout(10 * time.Minute).WithPolling(time.Second).Should(Equal(1))
		Eventually(func() ([]string, error) { return shema.Leaving(ctx) }).WithTimeout(set.patience).Should(BeEmpty(), "the second pod")
		measuredf("from the end of the rush to one pod", "%.0f s", time.Since(began).Seconds())

		guests.leave()

		lost, answers := guests.take()
		measuredf("requests lost while the number of pods changed", "%d of %d", len(lost), answers)
		Expect(some(lost)).To(BeEmpty())
	})
})

var _ = Describe("A node that is drained", SpecPriority(-2), func() {
	It("gives its pods away one after the other, and no request is lost", func(ctx SpecContext) {
		needsRelease(ctx)
		DeferCleanup(rollBack, revision(ctx))
		// Two of each fit on a node of two processors, and two more pods. Together with the second pods the first would be
		// doubled as they are, and there would be no room for new ones.
		upgrade(ctx, `defaults.resources.requests.cpu="50m"`, `dapr.resources.requests.cpu="20m"`)
		upgrade(ctx, "defaults.replicas=2")

		before := map[string][]corev1.Pod{}

		for _, app := range cluster.Apps {
			pods, err := shema.Pods(ctx, app)
			Expect(err).NotTo(HaveOccurred())
			Expect(pods).To(HaveLen(2), app)

			before[app] = pods
		}

		node := before[apps.Gateway][0].Spec.NodeName
		guests, began := gather(context.Background(), quietRate), time.Now()
		drained := make(chan error, 1)

		go func() {
			_, err := shema.Kubectl(ctx, "", "drain", node, "--pod-selector", "app.kubernetes.io/part-of=shema",
				"--ignore-daemonsets", "--delete-emptydir-data", "--timeout", set.patience.String())
			drained <- err
		}()

		DeferCleanup(func(ctx SpecContext) { kubectl(ctx, "", "uncordon", node) })

		By("offering the same node to the new pods, where it is the only one")
		Eventually(func() string { return kubectl(ctx, "", "get", "node", node, "-o", "jsonpath={.spec.unschedulable}") }).Should(Equal("true"))
		kubectl(ctx, "", "uncordon", node)

		var err error

		Eventually(func() bool {
			for _, app := range cluster.Apps {
				d, readErr := shema.Deployment(ctx, app)
				Expect(readErr).NotTo(HaveOccurred())
				Expect(d.Status.AvailableReplicas).To(BeNumerically(">=", 1), "%s has a pod that answers", app)
			}

			select {
			case err = <-drained:
				return true
			default:
				return false
			}
		}).WithTimeout(set.patience).Should(BeTrue(), "kubectl drain ends")
		Expect(err).NotTo(HaveOccurred())
		awaitReady(ctx)
		measuredf("kubectl drain of a node with two pods of every app", "%.0f s", time.Since(began).Seconds())

		for app, old := range before {
			now, err := shema.Pods(ctx, app)
			Expect(err).NotTo(HaveOccurred())

			for _, p := range old {
				if p.Spec.NodeName == node {
					Expect(now).NotTo(ContainElement(HaveField("UID", p.UID)), "%s has left", p.Name)
				}
			}
		}

		guests.leave()

		lost, answers := guests.take()
		measuredf("requests lost while a node was drained", "%d of %d", len(lost), answers)
		Expect(some(lost)).To(BeEmpty())
	})
})
