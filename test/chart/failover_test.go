package chart_test

import (
	"net/url"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// component is what a test reads of Dapr's kind.
type component struct {
	Spec struct {
		Type     string
		Metadata []struct{ Name, Value string }
	}
}

func TestChart_Sentinels(t *testing.T) {
	g := NewWithT(t)
	manifests := rendered(t, "plain", "--set", `redis.host=s1:26379\,s2:26379,redis.password=p/w?,redis.sentinel.master=school,redis.sentinel.password=s/w`)

	stores := 0
	for _, c := range only[component](g, manifests, "Component") {
		if c.Spec.Type != "state.redis" && c.Spec.Type != "pubsub.redis" {
			g.Expect(c.Spec.Metadata).NotTo(ContainElement(HaveField("Name", "failover")))
			continue
		}

		stores++

		g.Expect(c.Spec.Metadata).To(ContainElements(
			And(HaveField("Name", "failover"), HaveField("Value", "true")),
			And(HaveField("Name", "sentinelMasterName"), HaveField("Value", "school")),
			HaveField("Name", "sentinelPassword"),
		))
	}

	g.Expect(stores).To(Equal(4))

	options, err := redis.ParseFailoverURL(secretOf(g, manifests, "shema-redis", "url"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(options).To(And(
		HaveField("MasterName", "school"), HaveField("SentinelAddrs", []string{"s1:26379", "s2:26379"}),
		HaveField("Password", "p/w?"), HaveField("SentinelPassword", "s/w"),
	))

	for _, p := range only[networkingv1.NetworkPolicy](g, manifests, "NetworkPolicy") {
		if p.Name == "chat-service" {
			g.Expect(p.Spec.Egress).To(ContainElement(HaveField("Ports", HaveLen(2))))
		}
	}
}

// TestChart_PostgresOfSeveralHosts: roles' URLs keep all hosts, and what is asked of them.
func TestChart_PostgresOfSeveralHosts(t *testing.T) {
	g := NewWithT(t)
	manifests := rendered(t, "plain", "--set", `postgres.url=postgres://u:p@db1:5432\,db2:5433/postgres?target_session_attrs=read-write`)

	parsed, err := url.Parse(secretOf(g, manifests, "shema-postgres", "booking-service"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(parsed.Host).To(Equal("db1:5432,db2:5433"))
	g.Expect(parsed.User.Username()).To(Equal("booking_service"))
	g.Expect(parsed.Query().Get("target_session_attrs")).To(Equal("read-write"))
}

func secretOf(g *WithT, manifests, name, key string) string {
	for _, secret := range only[corev1.Secret](g, manifests, "Secret") {
		if secret.Name == name {
			return string(secret.Data[key])
		}
	}

	return ""
}
