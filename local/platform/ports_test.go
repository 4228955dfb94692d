package platform

import (
	"net"
	"testing"

	. "github.com/onsi/gomega"
)

func TestPorts_Offsets_DoNotMeet(t *testing.T) {
	g := NewWithT(t)
	everything := Options{Replicas: Each(maxReplicas)}.instances()
	first := ports{standby: true}.all(everything)
	g.Expect(first).To(HaveLen(10+sentinels+2*len(everything)+4*(len(everything)-4)), "no port has two users, and neither the operators nor the websites have a sidecar")

	for offset := 100; offset <= 2000; offset += 100 {
		for port, user := range (ports{offset: offset, standby: true}).all(everything) {
			other, taken := first[port]
			g.Expect(taken).To(BeFalse(), "offset %d: %s meets %s", offset, user, other)
		}
	}
}

func TestPorts_Check_TakenPort(t *testing.T) {
	g := NewWithT(t)
	instances := Options{}.instances()
	p, guard, err := claimFree(instances, false)
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { _ = guard.Close() })
	g.Expect(p.checkFree(p.all(instances))).To(Succeed())

	squatter, err := net.Listen("tcp", local(p.redis()))
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { _ = squatter.Close() })
	g.Expect(p.checkFree(p.all(instances))).To(MatchError(And(
		MatchRegexp(`port %d, which redis needs, is taken by platform.*\(process \d+\)`, p.redis()), ContainSubstring("PORT_OFFSET"))))

	far := ports{offset: 60000}
	g.Expect(far.checkFree(far.all(instances))).To(MatchError(ContainSubstring("choose a smaller one")))
}
