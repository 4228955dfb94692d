package chart_test

import (
	"fmt"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/shema-music/shema/services/contracts/apps"
)

// ports are all that pods of the platform listen on, to each other.
var ports = []int{3000, 3001, 3002, 3003, 3004, 3005, 3006, 3007, 3008, 3500, 50001, 50002, 9000, 9005, 9090}

// TestNetworkPolicies_ByDefault: a stranger in the namespace reaches no pod of ours, and stays reachable to others of its kind.
func TestNetworkPolicies_ByDefault(t *testing.T) {
	g := NewWithT(t)
	policies := only[networkingv1.NetworkPolicy](g, rendered(t, "plain"), "NetworkPolicy")

	for _, port := range ports {
		g.Expect(allowed(policies, "stranger", "stranger", port)).To(BeTrue(), "what is not ours is not closed")

		for _, app := range apps.All() {
			g.Expect(allowed(policies, "stranger", app.Name, port)).To(BeFalse(), "%s:%d", app.Name, port)
			g.Expect(allowed(policies, "stranger", app.ID, port) && app.ID != "").To(BeFalse(), "%s:%d", app.ID, port)
		}
	}

	everyPod := only[networkingv1.NetworkPolicy](g, rendered(t, "plain", "--set", "networkPolicy.everyPod=true"), "NetworkPolicy")
	g.Expect(allowed(everyPod, "stranger", "stranger", 3000)).To(BeFalse())
	g.Expect(only[networkingv1.NetworkPolicy](g, rendered(t, "plain", "--set", "networkPolicy.enabled=false"), "NetworkPolicy")).To(BeEmpty())
}

// TestNetworkPolicies_Inside tries every pod against every port of every other by the rules that network policies
// have: both the one's egress and the other's ingress must allow it.
func TestNetworkPolicies_Inside(t *testing.T) {
	g := NewWithT(t)
	manifests := rendered(t, "everything")
	policies := only[networkingv1.NetworkPolicy](g, manifests, "NetworkPolicy")

	pods := []string{"shema-migrate", "shema-verify", "shema-test", "stranger"}
	for _, account := range only[corev1.ServiceAccount](g, manifests, "ServiceAccount") {
		pods = append(pods, account.Name)
	}

	g.Expect(pods).To(HaveLen(13))

	var passes []string
	for _, from := range pods {
		for _, to := range pods {
			for _, port := range ports {
				if from != to && allowed(policies, from, to, port) {
					passes = append(passes, fmt.Sprintf("%s > %s:%d", from, to, port))
				}
			}
		}
	}

	g.Expect(passes).To(ConsistOf(
		"api-gateway > auth-service:50002", "api-gateway > user-service:50002", "api-gateway > course-service:50002",
		"api-gateway > booking-service:50002", "api-gateway > chat-service:50002", "api-gateway > recommendation-service:50002",
		"api-gateway > chat-service:3005",
		"auth-service > user-service:50002", "chat-service > user-service:50002", "chat-service > auth-service:50002",
		"booking-service > course-service:50002", "booking-service > user-service:50002",
		"recommendation-service > course-service:50002", "recommendation-service > user-service:50002",
		"shema-test > api-gateway:3000",
	))
}

func TestNetworkPolicies_Outside(t *testing.T) {
	g := NewWithT(t)
	policies := only[networkingv1.NetworkPolicy](g, rendered(t, "everything"), "NetworkPolicy")

	outside := map[string][]int{}
	for _, p := range policies {
		for _, rule := range p.Spec.Egress {
			for _, port := range rule.Ports {
				if len(rule.To) == 0 {
					outside[p.Name] = append(outside[p.Name], port.Port.IntValue())
				}
			}
		}
	}

	const postgres, redis, cache, collector, mail, model = 5432, 6379, 6381, 4318, 465, 443
	g.Expect(outside).To(Equal(map[string][]int{
		apps.Gateway: {redis, collector}, apps.Auth: {postgres, redis, collector}, apps.Course: {postgres, redis, cache, collector},
		apps.Booking: {postgres, redis, collector}, apps.Chat: {postgres, redis, collector},
		apps.User: {postgres, redis, collector, mail}, apps.Recommendation: {postgres, redis, collector, model},
		apps.Operator: {postgres, collector, 443, 6443}, "shema-migrate": {postgres}, "shema-verify": {postgres},
	}))
}

// allowed tells whether pods with these names may talk on a port. A pod that no policy selects may talk to all others,
// and be talked to.
func allowed(policies []networkingv1.NetworkPolicy, from, to string, port int) bool {
	closedOut, out, closedIn, in := false, false, false, false
	for _, p := range policies {
		if selects(p.Spec.PodSelector, from) {
			closedOut = true

			for _, rule := range p.Spec.Egress {
				out = out || peers(rule.To, to) && lists(rule.Ports, port)
			}
		}

		if selects(p.Spec.PodSelector, to) {
			closedIn = true

			for _, rule := range p.Spec.Ingress {
				in = in || peers(rule.From, from) && lists(rule.Ports, port)
			}
		}
	}

	return (out || !closedOut) && (in || !closedIn)
}

func selects(selector metav1.LabelSelector, pod string) bool {
	s, err := metav1.LabelSelectorAsSelector(&selector)

	part := "shema"
	if pod == "stranger" {
		part = "something-else"
	}

	return err == nil && s.Matches(labels.Set{"app.kubernetes.io/name": pod, "app.kubernetes.io/part-of": part})
}

func peers(list []networkingv1.NetworkPolicyPeer, pod string) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(p networkingv1.NetworkPolicyPeer) bool {
		return p.PodSelector != nil && p.NamespaceSelector == nil && selects(*p.PodSelector, pod)
	})
}

func lists(list []networkingv1.NetworkPolicyPort, port int) bool {
	return slices.ContainsFunc(list, func(p networkingv1.NetworkPolicyPort) bool { return p.Port.IntValue() == port })
}
