package e2e_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/cluster"
)

const enforced = "pod-security.kubernetes.io/enforce"

// containers are the names of a pod's containers that run as long as it does; sidecars may be init containers.
func containers(p corev1.Pod) []string {
	var names []string
	for _, c := range p.Spec.Containers {
		names = append(names, c.Name)
	}

	for _, c := range p.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			names = append(names, c.Name)
		}
	}

	return names
}

var _ = Describe("Pods", func() {
	It("have their sidecar in every app but the operator", func(ctx SpecContext) {
		for _, app := range cluster.Services {
			pods, err := shema.Pods(ctx, app)
			Expect(err).NotTo(HaveOccurred())
			Expect(pods).NotTo(BeEmpty(), app)

			for _, pod := range pods {
				Expect(containers(pod)).To(ConsistOf(app, "daprd"), pod.Name)
				Expect(pod.Annotations).To(HaveKeyWithValue("dapr.io/app-id", app))
				Expect(pod.Spec.ServiceAccountName).To(Equal(app))
			}
		}

		pods, err := shema.Pods(ctx, apps.Operator)
		Expect(err).NotTo(HaveOccurred())

		for _, pod := range pods {
			Expect(containers(pod)).To(ConsistOf(apps.Operator))
		}
	})

	It("may run where Pod Security is restricted, sidecars and jobs too", func(ctx SpecContext) {
		var namespace corev1.Namespace
		Expect(shema.Get(ctx, client.ObjectKey{Name: shema.Namespace}, &namespace)).To(Succeed())

		if namespace.Labels[enforced] == "restricted" {
			return // the API server has admitted them as such
		}

		warnings, err := shema.Warnings(ctx, "label", "--overwrite", "--dry-run=server", "namespace", shema.Namespace,
			enforced+"=restricted")
		Expect(err).NotTo(HaveOccurred())

		for line := range strings.Lines(warnings) {
			for _, app := range append([]string{"shema-migrate"}, cluster.Apps...) {
				Expect(line).NotTo(HavePrefix("Warning: " + app))
			}
		}
	})
})
