package platform

import (
	"net"
	"os"
	"testing"

	. "github.com/onsi/gomega"
)

// layoutOnly is a platform that is never started: what its files and programs would be.
func layoutOnly(t *testing.T, replicas map[string]int) *Platform {
	t.Helper()
	folder := t.TempDir()

	return &Platform{
		layout:    Layout{Root: folder, Dir: folder},
		ports:     ports{offset: 100},
		instances: Options{Replicas: replicas}.instances(),
	}
}

func TestPlatform_Replicas_NamedTogether(t *testing.T) {
	g := NewWithT(t)

	p := layoutOnly(t, Each(2))
	for name, want := range map[string][]string{
		"booking": {"booking", "booking-2"}, "booking-dapr": {"booking-dapr", "booking-2-dapr"}, "operator": {"operator", "operator-2"},
		"booking-2": {"booking-2"}, "redis": {"redis"},
	} {
		g.Expect(p.Replicas(name)).To(Equal(want))
	}

	g.Expect(layoutOnly(t, nil).Replicas("booking")).To(Equal([]string{"booking"}))
}

func TestPlatform_Environment_SecondGateway(t *testing.T) {
	g := NewWithT(t)
	written := func(replicas map[string]int) string {
		p := layoutOnly(t, replicas)
		g.Expect(p.writeEnv()).To(Succeed())

		data, err := os.ReadFile(p.layout.EnvFile())
		g.Expect(err).NotTo(HaveOccurred())

		return string(data)
	}
	g.Expect(written(Each(2))).To(And(
		ContainSubstring("GATEWAY_URL=http://127.0.0.1:3100\nGATEWAY_URL_2=http://127.0.0.1:3110\n"),
		ContainSubstring("export GATEWAY_URL GATEWAY_URL_2 KUBECONFIG")))
	g.Expect(written(nil)).To(And(ContainSubstring("GATEWAY_URL=http://127.0.0.1:3100\nKUBECONFIG="), Not(ContainSubstring("_2"))))
}

func TestPlatform_Environment_TwoReplicas(t *testing.T) {
	g := NewWithT(t)
	env := func(replicas map[string]int, index int) []string {
		p := layoutOnly(t, replicas)
		for _, i := range p.instances {
			if i.app.index == index {
				return p.environment(i)
			}
		}

		return nil
	}

	const gateway, operator = 0, 7
	g.Expect(env(Each(2), operator)).To(ContainElements("LEADER_ELECT=true", "LEADER_ELECTION_NAMESPACE=shema"))
	g.Expect(env(nil, operator)).NotTo(ContainElement(HavePrefix("LEADER_ELECT")))
	g.Expect(env(Each(2), gateway)).To(ContainElement("CHAT_URL=http://127.0.0.1:3105,http://127.0.0.1:3115"))
	g.Expect(env(nil, gateway)).To(ContainElement("CHAT_URL=http://127.0.0.1:3105"))
}

func TestPlatform_Start_ReplicaPortTaken(t *testing.T) {
	g := NewWithT(t)
	p := layoutOnly(t, nil)
	two := Options{Replicas: Each(2)}

	var (
		guard net.Listener
		err   error
	)

	p.ports, guard, err = claimFree(two.instances(), false)
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { _ = guard.Close() })

	squatter, err := net.Listen("tcp", local(p.ports.of(appPorts, instance{app: apps()[0], number: 1})))
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { _ = squatter.Close() })
	err = p.Update(t.Context(), Prepared{Options: two})
	g.Expect(err).To(MatchError(ErrUnchanged))
	g.Expect(err).To(MatchError(ContainSubstring("which gateway-2 needs, is taken")))
	g.Expect(p.instances).To(Equal(Options{}.instances()))
}
