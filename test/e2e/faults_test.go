package e2e_test

import (
	"context"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/cluster"
)

// works books a lesson and confirms it: every service but the chat takes part.
func works(p *client.Person) {
	GinkgoHelper()

	l := course(2)

	var b client.Booking
	Eventually(func(g Gomega) {
		var err error

		b, err = client.Decode[client.Booking](p.Book(l.ID, l.Slots[0].ID, l.Slots[1].ID), 201)
		g.Expect(err).NotTo(HaveOccurred())
	}).WithTimeout(set.patience).Should(Succeed())
	Eventually(func() client.Answer { return admin().Confirm(b.ID, l.Slots[0].ID) }).WithTimeout(set.patience).
		Should(Or(succeed(200), beRefused(409, "BOOKING_NOT_PENDING")), "a decision whose answer was lost is not made twice")
	Expect(read[client.Booking](p.Booking(b.ID), 200).Status).To(Equal("confirmed"))
	Eventually(func() client.Answer { return admin().Get("/api/chat/stats") }).WithTimeout(set.patience).Should(succeed(200))
	Eventually(func() []string { return read[client.Dashboard](admin().Get("/api/admin/dashboard"), 200).Degraded }).
		WithTimeout(set.patience).Should(BeEmpty())
}

// awaitOthers waits until an app runs in other pods than those.
func awaitOthers(ctx context.Context, app string, than []corev1.Pod) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		pods, err := shema.Pods(ctx, app)
		g.Expect(err).NotTo(HaveOccurred())

		for _, old := range than {
			g.Expect(pods).NotTo(ContainElement(HaveField("Name", old.Name)))
		}

		for i := range pods {
			g.Expect(cluster.Ready(&pods[i])).To(BeTrue(), pods[i].Name)
		}

		g.Expect(len(pods)).To(BeNumerically(">=", len(than)))
	}).WithTimeout(set.patience).WithPolling(250 * time.Millisecond).Should(Succeed())

	awaitReady(ctx)
}

// restarts returns how often the sidecar of a pod was started again.
func restarts(ctx context.Context, pod string) int32 {
	GinkgoHelper()

	var found corev1.Pod
	Expect(shema.Get(ctx, types.NamespacedName{Namespace: shema.Namespace, Name: pod}, &found)).To(Succeed())

	for _, s := range slices.Concat(found.Status.ContainerStatuses, found.Status.InitContainerStatuses) {
		if s.Name == "daprd" {
			return s.RestartCount
		}
	}

	Fail(pod + " has no sidecar")

	return 0
}

var _ = Describe("After failures", SpecPriority(-2), func() {
	It("goes on when every pod of an app was deleted at once, one app after the other", func(ctx SpecContext) {
		p := student()

		for _, app := range cluster.Apps {
			pods, err := shema.Pods(ctx, app)
			Expect(err).NotTo(HaveOccurred())

			for i := range pods {
				Expect(shema.Delete(ctx, &pods[i])).To(Succeed())
			}

			awaitOthers(ctx, app, pods)
		}

		works(p)
		expectLedger(ctx)
	})

	It("goes on when pods are gone without a farewell", func(ctx SpecContext) {
		p := student()

		args, gone := []string{"delete", "pod", "--force", "--grace-period=0"}, map[string][]corev1.Pod{}
		for _, app := range cluster.Apps {
			pod, err := shema.ReadyPod(ctx, app)
			Expect(err).NotTo(HaveOccurred())

			args, gone[app] = append(args, pod.Name), []corev1.Pod{*pod}
		}

		kubectl(ctx, "", args...)

		for app, pods := range gone {
			awaitOthers(ctx, app, pods)
		}

		works(p)
		expectLedger(ctx)
	})

	It("goes on when sidecars end", func(ctx SpecContext) {
		p := student()

		for i, app := range cluster.Services {
			d := open(ctx, app, firstPort+i)
			before := restarts(ctx, d.pod)
			Expect(d.sidecar.Post("/v1.0/shutdown", nil, client.Header("dapr-api-token", d.daprToken)).Err).NotTo(HaveOccurred())
			Eventually(func() int32 { return restarts(ctx, d.pod) }).WithTimeout(set.patience).Should(BeNumerically(">", before))
		}

		awaitReady(ctx)
		works(p)
		expectLedger(ctx)
	})
})
