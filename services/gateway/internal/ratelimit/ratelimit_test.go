package ratelimit

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
)

func TestLimiter_Allow(t *testing.T) {
	g := NewWithT(t)
	now := clock.NewFake(time.Unix(1000, 0))
	l := New[netip.Addr](3, time.Second, now)
	ask := func(address string) bool { return l.Allow(Network(netip.MustParseAddr(address))) }

	for range 3 {
		g.Expect(ask("192.0.2.1")).To(BeTrue(), "as many at once as in a second")
	}

	g.Expect(ask("192.0.2.1")).To(BeFalse())
	g.Expect(ask("::ffff:192.0.2.1")).To(BeFalse(), "the same client, written as IPv6")
	g.Expect(ask("192.0.2.2")).To(BeTrue(), "each network has a limit of its own")

	now.Advance(334 * time.Millisecond)
	g.Expect(ask("192.0.2.1")).To(BeTrue(), "a third of a second is good for one more")
	g.Expect(ask("192.0.2.1")).To(BeFalse())

	for _, address := range []string{"2001:db8::1", "2001:db8::2", "2001:db8::ffff:1"} {
		g.Expect(ask(address)).To(BeTrue())
	}

	g.Expect(ask("2001:db8::3")).To(BeFalse(), "one /64 is one client")
	g.Expect(ask("2001:db8:0:1::1")).To(BeTrue(), "another /64 is another")
}

// Zero is no limit.
func TestLimiter_Allow_Unlimited(t *testing.T) {
	g := NewWithT(t)

	l := New[netip.Addr](0, time.Second, clock.NewFake(time.Unix(1000, 0)))
	for range 1000 {
		g.Expect(l.Allow(netip.MustParseAddr("192.0.2.1"))).To(BeTrue())
	}
}

// The memory is bounded.
func TestLimiter_Allow_BoundedMemory(t *testing.T) {
	g := NewWithT(t)
	now := clock.NewFake(time.Unix(1000, 0))
	l := New[netip.Addr](2, time.Second, now)
	l.max = 8

	address := netip.MustParseAddr("10.0.0.0")
	for range 10_000 {
		address = address.Next()
		l.Allow(address)
	}

	count := func() (n int) {
		for i := range l.shards {
			n += len(l.shards[i].buckets)
		}

		return n
	}
	g.Expect(count()).To(Equal(8 * shards))
	g.Expect(l.Allow(address.Next())).To(BeFalse(), "those for whom there is no room share one bucket")

	now.Advance(time.Second)
	g.Expect(l.Allow(address.Next())).To(BeTrue(), "and there is room again when the crowd has gone")

	for range 100 {
		address = address.Next()
		l.Allow(address)
	}

	g.Expect(count()).To(BeNumerically("<=", 101))
}

func BenchmarkAllow(b *testing.B) {
	l, address := New[netip.Addr](1<<30, time.Second, clock.System{}), netip.MustParseAddr("192.0.2.1")

	b.ReportAllocs()

	for b.Loop() {
		l.Allow(address)
	}
}
