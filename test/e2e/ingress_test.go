package e2e_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// findIngress waits until the platform answers through the ingress, at INGRESS_URL or wherever it may be.
func findIngress(ctx context.Context) {
	GinkgoHelper()

	candidates := []string{set.ingress}
	if set.ingress == "" {
		candidates = likely(ctx)
	}

	Eventually(func() string {
		for _, set.ingress = range candidates {
			if stranger().Get("/readyz").Status == 200 {
				return set.ingress
			}
		}

		return ""
	}).WithTimeout(time.Minute).WithPolling(time.Second).ShouldNot(BeEmpty(),
		"the gateway answers at none of %v for the host %s; INGRESS_URL and E2E_HOST say otherwise", candidates, set.host)
}

// likely lists where ingress controllers commonly answer: on this machine, as kind has it, at the address that the
// Ingress says, or on a node.
func likely(ctx context.Context) []string {
	GinkgoHelper()

	found := []string{"http://localhost"}

	var ingresses networkingv1.IngressList
	Expect(shema.List(ctx, &ingresses, client.InNamespace(shema.Namespace))).To(Succeed())

	for _, ingress := range ingresses.Items {
		for _, at := range ingress.Status.LoadBalancer.Ingress {
			found = append(found, "http://"+at.IP+at.Hostname)
		}
	}

	var nodes corev1.NodeList
	Expect(shema.List(ctx, &nodes)).To(Succeed())

	for _, node := range nodes.Items {
		for _, at := range node.Status.Addresses {
			if at.Type == corev1.NodeInternalIP || at.Type == corev1.NodeExternalIP {
				found = append(found, "http://"+at.Address)
			}
		}
	}

	return found
}
