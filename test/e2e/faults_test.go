package e2e_test

import (
	"context"
	"slices"

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
			awaitReady(ctx)
		}
		works(p)
		expectLedger(ctx)
	})

	It("goes on when pods are gone without a farewell", func(ctx SpecContext) {
		p := student()
		args := []string{"delete", "pod", "--force", "--grace-period=0"}
		for _, app := range cluster.Apps {
			pod, err := shema.ReadyPod(ctx, app)
			Expect(err).NotTo(HaveOccurred())
			args = append(args, pod.Name)
		}
		kubectl(ctx, "", args...)
		awaitReady(ctx)
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
