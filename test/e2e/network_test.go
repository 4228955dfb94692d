package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/cluster"
)

// openNetwork lets all pods in the namespace talk to all others until the specs end, whatever other policies say: they add up.
func openNetwork(ctx context.Context) {
	GinkgoHelper()

	allowAll := &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: shema.Namespace, Name: "e2e-allow-all"},
		Spec: networkingv1.NetworkPolicySpec{
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
			Ingress:     []networkingv1.NetworkPolicyIngressRule{{}},
			Egress:      []networkingv1.NetworkPolicyEgressRule{{}},
		},
	}
	Expect(shema.Create(ctx, allowAll)).To(Succeed())

	DeferCleanup(func(ctx context.Context) { Expect(client.IgnoreNotFound(shema.Delete(ctx, allowAll))).To(Succeed()) })
}

// awaitOpenNetwork waits until every sidecar gets to every other.
func awaitOpenNetwork(all map[string]*doors) {
	GinkgoHelper()

	for caller, from := range all {
		for callee := range all {
			if op := (operation{app: callee, method: "GET", path: "/healthz"}); caller != callee {
				eventually(func() string { return verdict(from.invoke(op)) }).ShouldNot(Equal(unreachable), "%s → %s", caller, callee)
			}
		}
	}
}

// target is one port of one pod.
type target struct {
	name    string
	address string
	port    int
}

func (t target) String() string { return fmt.Sprintf("%s:%d", t.name, t.port) }

// portsOf are those on which a pod of an app listens: itself, its metrics, and its sidecar.
func portsOf(app apps.App) []int {
	ports := []int{app.Port, app.Port + 6000}
	if app.Sidecar {
		ports = append(ports, 3500, 9090, 50001, 50002)
	}

	return ports
}

// nameOf is what an app's pods are called.
func nameOf(app apps.App) string {
	if app.ID == "" {
		return app.Name
	}

	return app.ID
}

// targets are all ports of one ready pod of each app.
func targets(ctx context.Context) []target {
	GinkgoHelper()

	var all []target
	for _, app := range apps.All() {
		pod, err := shema.ReadyPod(ctx, nameOf(app))
		Expect(err).NotTo(HaveOccurred())

		for _, port := range portsOf(app) {
			all = append(all, target{name: nameOf(app), address: pod.Status.PodIP, port: port})
		}
	}

	return all
}

// knock tries all targets at once out of a pod, and returns those that took the connection. Who answers in another language than
// Redis's has taken it.
func knock(ctx context.Context, from *corev1.Pod, all []target) ([]string, error) {
	const script = `for t in "$@"; do (
		said=$(timeout 4 redis-cli -h "${t%:*}" -p "${t##*:}" ping 2>&1); code=$?
		case $code/$said in 124/*|143/*|*"Could not connect"*) ;; *) echo "$t" ;; esac
	) & done; wait`

	names, args := map[string]string{}, []string{"--namespace", from.Namespace, "exec", from.Name, "--", "sh", "-c", script, "sh"}
	for _, t := range all {
		address := fmt.Sprintf("%s:%d", t.address, t.port)
		names[address] = t.String()
		args = append(args, address)
	}

	out, err := shema.Kubectl(ctx, "", args...)
	if err != nil {
		return nil, err
	}

	var open []string
	for line := range strings.Lines(out) {
		open = append(open, names[strings.TrimSpace(line)])
	}

	slices.Sort(open)

	return open, nil
}

// twin starts a probe with an app's labels, so that the same policies hold for it. It is never ready, so that no Service leads
// to it.
func twin(ctx context.Context, app, image string) *corev1.Pod {
	GinkgoHelper()

	return probe(ctx, shema.Namespace, "e2e-twin-"+app, image, func(pod *corev1.Pod) {
		maps.Copy(pod.Labels, map[string]string{"app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "shema"})
		pod.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "shema.music/never"}}
	})
}

// flows are the connections between pods that the documentation names, as "caller > callee:port".
func flows() map[string][]string {
	open := map[string][]string{
		"shema-test":    {apps.Gateway + ":3000"},
		apps.Gateway:    {apps.Chat + ":3005"},
		"stranger":      nil,
		"shema-migrate": nil,
		"shema-verify":  nil,
	}
	for _, app := range apps.All() {
		if _, known := open[nameOf(app)]; !known {
			open[nameOf(app)] = nil
		}
	}

	for pair := range acquainted(operations()) {
		caller, callee, _ := strings.Cut(pair, " ")
		if caller != callee {
			open[caller] = append(open[caller], callee+":50002")
		}
	}

	for _, list := range open {
		slices.Sort(list)
	}

	return open
}

var _ = Describe("The network", func() {
	It("passes exactly the documented connections between pods, from each app and from a stranger", func(ctx SpecContext) {
		image := closedNetwork(ctx)
		all := targets(ctx)
		stores := []target{storeOf(ctx, "redis", 6379), storeOf(ctx, "postgres", 5432)}

		var (
			mu      sync.Mutex
			group   sync.WaitGroup
			passing = map[string][]string{}
			pods    = map[string]*corev1.Pod{}
		)

		for caller := range flows() {
			if caller == "stranger" {
				pods[caller] = probe(ctx, shema.Namespace, "e2e-stranger", image)
			} else {
				pods[caller] = twin(ctx, caller, image)
			}
		}

		for caller, pod := range pods {
			group.Go(func() {
				defer GinkgoRecover()

				var open []string
				// A new pod's own policies come a moment after it.
				Eventually(func(g Gomega) {
					var err error

					open, err = knock(ctx, pod, slices.DeleteFunc(slices.Clone(all), func(t target) bool { return t.name == caller }))
					g.Expect(err).NotTo(HaveOccurred())
					g.Expect(open).To(Equal(append([]string(nil), flows()[caller]...)), caller)
				}).WithTimeout(time.Minute).WithPolling(time.Second).Should(Succeed())

				reached, err := knock(ctx, pod, stores)
				Expect(err).NotTo(HaveOccurred())

				mu.Lock()
				defer mu.Unlock()

				passing[caller] = reached
			})
		}

		group.Wait()

		for caller, reached := range passing {
			Expect(reached).To(Equal(storesFor(caller)), "%s and the stores", caller)
		}

		measuredf("connections between pods tried", "%d, %d of them documented", len(pods)*len(all), documented())
	})

	It("lets sidecars say that the others can't be reached, one gate before Dapr's", func(ctx SpecContext) {
		closedNetwork(ctx)

		known := acquainted(operations())
		for i, caller := range cluster.Services {
			from := open(ctx, caller, firstPort+i)
			for _, callee := range cluster.Services {
				if op := (operation{app: callee, method: "GET", path: "/healthz"}); caller != callee && !known[caller+" "+callee] {
					// A sidecar keeps a connection that it had while the network was open for three minutes after its last use.
					Eventually(func() string { return verdict(from.invoke(op, from.signed(callee))) }).
						WithTimeout(4*time.Minute).WithPolling(5*time.Second).
						Should(Equal(unreachable), "%s → %s", caller, callee)
				}
			}
		}
	})
})

// documented counts the connections that flows names.
func documented() int {
	count := 0
	for _, list := range flows() {
		count += len(list)
	}

	return count
}

// storeOf is the service of a store of the development chart.
func storeOf(ctx context.Context, name string, port int) target {
	GinkgoHelper()

	service := serviceOf(ctx, name)
	Expect(service).NotTo(BeNil(), name)

	return target{name: name, address: service.Spec.ClusterIP, port: port}
}

// storesFor are the stores that a pod may reach. A stranger in the namespace may, because the development chart lets the whole
// namespace in.
func storesFor(caller string) []string {
	const redis, postgres = "redis:6379", "postgres:5432"

	switch caller {
	case "shema-test", "web":
		return nil
	case apps.Gateway:
		return []string{redis}
	case apps.Operator, "shema-migrate", "shema-verify":
		return []string{postgres}
	}

	return []string{postgres, redis}
}
