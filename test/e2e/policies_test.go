package e2e_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// redisPort is where the probes of this file listen and ask, with Redis's own image: it has a client, and the nodes
// have it already.
const redisPort = 6379

// redisImage is the image of the Redis that runs in the platform's namespace; "" if it runs elsewhere.
func redisImage(ctx context.Context) string {
	GinkgoHelper()

	host, err := shema.Secret(ctx, "shema-redis", "host")
	Expect(err).NotTo(HaveOccurred())

	name, _, _ := strings.Cut(host, ":")

	service := serviceOf(ctx, name)
	if service == nil {
		return ""
	}

	pods, err := shema.PodsWith(ctx, service.Spec.Selector)
	Expect(err).NotTo(HaveOccurred())
	Expect(pods).NotTo(BeEmpty())

	return pods[0].Spec.Containers[0].Image
}

// probe starts a Redis of our own that is neither the platform's nor a school's, and waits until it runs.
func probe(ctx context.Context, namespace, name, image string, change ...func(*corev1.Pod)) *corev1.Pod {
	GinkgoHelper()

	no, yes, unprivileged := false, true, int64(65532)

	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace,
			Name:      name,
			Labels:    map[string]string{"e2e": name},
		},
		Spec: corev1.PodSpec{
			AutomountServiceAccountToken: &no,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot:   &yes,
				RunAsUser:      &unprivileged,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name:            "redis",
				Image:           image,
				ImagePullPolicy: corev1.PullIfNotPresent,
				Command:         []string{"redis-server", "--save", "", "--protected-mode", "no"},
				WorkingDir:      "/tmp",
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: &no, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
			}},
		},
	}
	for _, apply := range change {
		apply(pod)
	}

	Expect(shema.Create(ctx, pod)).To(Succeed())

	DeferCleanup(func(ctx context.Context) { Expect(client.IgnoreNotFound(shema.Delete(ctx, pod))).To(Succeed()) })
	Eventually(func() (bool, error) {
		err := shema.Get(ctx, client.ObjectKeyFromObject(pod), pod)
		return len(pod.Status.ContainerStatuses) > 0 && pod.Status.ContainerStatuses[0].Ready, err
	}).WithTimeout(2*time.Minute).Should(BeTrue(), "%s runs", name)

	return pod
}

// reaches tells whether a connection from one of our probes to an address gets anywhere. Who answers in another
// language than Redis's has been reached too.
func reaches(ctx context.Context, from *corev1.Pod, address string, port int) bool {
	out, err := shema.Kubectl(ctx, "", "--namespace", from.Namespace, "exec", from.Name, "--",
		"timeout", "3", "redis-cli", "-h", address, "-p", strconv.Itoa(port), "ping")
	return err == nil && !strings.Contains(out, "Could not connect") || strings.Contains(out, "Protocol error")
}

// neighbours starts two of our probes in a namespace of their own.
func neighbours(ctx context.Context, image string) (one, two *corev1.Pod) {
	GinkgoHelper()

	scratch := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "shema-e2e-"}}
	Expect(shema.Create(ctx, scratch)).To(Succeed())

	DeferCleanup(func(ctx context.Context) { Expect(shema.Delete(ctx, scratch)).To(Succeed()) })

	return probe(ctx, scratch.Name, "one", image), probe(ctx, scratch.Name, "two", image)
}

// enforces finds out whether the cluster obeys network policies at all. There is none between the two afterwards.
func enforces(ctx context.Context, one, two *corev1.Pod) bool {
	GinkgoHelper()

	heard := func() bool { return reaches(ctx, one, two.Status.PodIP, redisPort) }
	Expect(heard()).To(BeTrue(), "without a policy every pod may call")

	denyAll := &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: one.Namespace, Name: "deny-all"},
		Spec:       networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{"Ingress", "Egress"}},
	}
	Expect(shema.Create(ctx, denyAll)).To(Succeed())

	obeyed := false
	for limit := time.Now().Add(10 * time.Second); !obeyed && time.Now().Before(limit); {
		obeyed = !heard()
	}

	Expect(shema.Delete(ctx, denyAll)).To(Succeed())
	Eventually(heard).WithTimeout(time.Minute).Should(BeTrue())

	return obeyed
}

// closedNetwork skips the spec unless the platform has policies and the cluster enforces them. It returns an image for probes.
func closedNetwork(ctx context.Context) (image string) {
	GinkgoHelper()

	var policies networkingv1.NetworkPolicyList
	Expect(shema.List(ctx, &policies, client.InNamespace(shema.Namespace))).To(Succeed())

	closed := slices.ContainsFunc(policies.Items, func(p networkingv1.NetworkPolicy) bool { return p.Name == "shema-deny-all" })

	image = redisImage(ctx)
	switch {
	case !closed:
		Skip("the platform is installed without networkPolicy.enabled")
	case image == "":
		Skip("Redis runs outside of the namespace, so there is no image for a probe")
	}

	if one, two := neighbours(ctx, image); !enforces(ctx, one, two) {
		Skip("this cluster accepts network policies and does not enforce them")
	}

	return image
}

var _ = Describe("Network policies", func() {
	It("keep strangers of other namespaces from every port of every app, and from the stores", func(ctx SpecContext) {
		image := closedNetwork(ctx)
		outsider, _ := neighbours(ctx, image)

		Expect(knock(ctx, outsider, targets(ctx))).To(BeEmpty())
		Expect(knock(ctx, outsider, []target{storeOf(ctx, "redis", 6379), storeOf(ctx, "postgres", 5432)})).To(BeEmpty())
	})
})
