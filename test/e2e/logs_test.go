package e2e_test

import (
	"net/url"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/local/leaks"
)

var _ = Describe("The logs of all pods", SpecPriority(-4), func() {
	It("show no secret, and no signed token", func(ctx SpecContext) {
		var secrets corev1.SecretList
		Expect(shema.List(ctx, &secrets, client.InNamespace(shema.Namespace))).To(Succeed())

		known := leaks.Secrets{}
		for _, s := range secrets.Items {
			// What Helm keeps is not given to any program, and addresses and ports of servers are no secrets.
			if s.Type == "helm.sh/release.v1" {
				continue
			}

			for key, value := range s.Data {
				if slices.Contains([]string{"host", "cache-host", "admin-email", "from", "jwks.json", "tls"}, key) {
					continue
				}

				known.Add(string(value), s.Name+"'s "+key)

				if address, err := url.Parse(string(value)); err == nil && address.User != nil {
					secret, _ := address.User.Password()
					known.Add(secret, s.Name+"'s "+key)
				}
			}
		}

		Expect(known).NotTo(BeEmpty())
		Eventually(func() ([]string, error) { return shema.Leaving(ctx) }).WithTimeout(set.patience).Should(BeEmpty(), "old pods")

		finder := known.Finder()
		read := 0

		var pods corev1.PodList
		Expect(shema.List(ctx, &pods, client.InNamespace(shema.Namespace))).To(Succeed())

		for _, pod := range pods.Items {
			if pod.Status.Phase == corev1.PodPending {
				continue
			}

			text := kubectl(ctx, "", "logs", pod.Name, "--all-containers", "--prefix")
			Expect(finder.In([]byte(text))).To(BeEmpty(), pod.Name)
			read += len(text)
		}

		measuredf("logs without a secret", "%d KiB of %d pods", read>>10, len(pods.Items))
	})
})
