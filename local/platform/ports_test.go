package platform

import (
	"net"
	"testing"

	. "github.com/onsi/gomega"
)

func TestPlatformsAtUsualOffsetsDoNotMeet(t *testing.T) {
	g := NewWithT(t)
	everything := Options{Replicas: map[string]int{"gateway": 2, "auth": 2, "user": 2, "course": 2, "booking": 2}}.instances()
	first := ports{}.all(everything)
	g.Expect(first).To(HaveLen(7+2*len(everything)+4*(len(everything)-1)), "no port has two users")
	for offset := 100; offset <= 2000; offset += 100 {
		for port, user := range (ports{offset: offset}).all(everything) {
			other, taken := first[port]
			g.Expect(taken).To(BeFalse(), "offset %d: %s meets %s", offset, user, other)
		}
	}
}

func TestTakenPortIsNamedWithTheWayOut(t *testing.T) {
	g := NewWithT(t)
	instances := Options{}.instances()
	p, guard, err := claimFree(instances)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = guard.Close() })
	g.Expect(p.checkFree(instances)).To(Succeed())

	squatter, err := net.Listen("tcp", local(p.redis()))
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = squatter.Close() })
	g.Expect(p.checkFree(instances)).To(MatchError(And(
		MatchRegexp(`port %d, which redis needs, is taken by platform.*\(process \d+\)`, p.redis()), ContainSubstring("PORT_OFFSET"))))

	g.Expect(ports{offset: 60000}.checkFree(instances)).To(MatchError(ContainSubstring("choose a smaller one")))
}
