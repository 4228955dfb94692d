package redisbus_test

import (
	"log/slog"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/redisbus"
	"github.com/shema-music/shema/services/kit/redistest"
)

// The Redis that leads is killed, and the Sentinels make the other the leader: both replicas go on there by themselves.
func TestBus_Run_Failover(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	servers := redistest.StartSentinel(t)
	a, _ := startAt(t, servers.URL())
	_, there := startAt(t, servers.URL())

	before := uuid.New()
	a.Publish(before, []byte("before"))
	g.Eventually(there.count(before), "10s").Should(Equal(1))

	servers.KillLeader()

	after := uuid.New()

	g.Eventually(func() int {
		a.Publish(after, []byte("after"))
		return there.count(after)()
	}, "60s").Should(BeNumerically(">", 0))
}

func TestOpen_Sentinels_UnusableURL(t *testing.T) {
	t.Parallel()

	_, err := redisbus.Open("redis://sentinel:1/0?master_name=school&password=a-secret&no_such_option=1", slog.New(slog.DiscardHandler))
	NewWithT(t).Expect(err).To(MatchError(And(ContainSubstring("master_name=school"), Not(ContainSubstring("a-secret")))))
}
