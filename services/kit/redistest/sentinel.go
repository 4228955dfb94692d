package redistest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
)

// sentinelConfig lets one Sentinel decide quickly; in production three decide together, and wait longer.
const sentinelConfig = `port %d
bind 127.0.0.1
dir %s
sentinel monitor school 127.0.0.1 %d 1
sentinel auth-pass school %s
sentinel down-after-milliseconds school 300
sentinel failover-timeout school 2000
`

// Sentinel is a Redis that leads, one that follows it, and a Sentinel that tells who leads.
type Sentinel struct {
	leader *Redis
	port   int
}

// StartSentinel starts all three; they end with the test.
func StartSentinel(t testing.TB) *Sentinel {
	t.Helper()

	leader, follower := Start(t), Start(t)
	ask(t, follower, "config", "set", "masterauth", password)
	ask(t, leader, "config", "set", "masterauth", password)
	ask(t, follower, "replicaof", "127.0.0.1", strconv.Itoa(leader.port))
	NewWithT(t).Eventually(func() string { return ask(t, follower, "info", "replication") }, "20s").
		Should(ContainSubstring("master_link_status:up"))

	s := &Sentinel{leader: leader, port: freePort(t)}
	s.start(t)

	return s
}

func (s *Sentinel) start(t testing.TB) {
	t.Helper()

	dir := t.TempDir()
	file := filepath.Join(dir, "sentinel.conf")
	must(t, os.WriteFile(file, fmt.Appendf(nil, sentinelConfig, s.port, dir, s.leader.port, password), 0o600))

	process := exec.Command(s.leader.program, file, "--sentinel")
	must(t, process.Start())

	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	NewWithT(t).Eventually(func() string {
		out, _ := exec.Command("redis-cli", "-p", strconv.Itoa(s.port), "sentinel", "replicas", "school").CombinedOutput()
		return string(out)
	}, "20s").Should(ContainSubstring("master-link-status"), "the Sentinel knows the Redis that follows")
}

// URL is what the service gets as REDIS_URL.
func (s *Sentinel) URL() string {
	return fmt.Sprintf("redis://127.0.0.1:%d/0?master_name=school&password=%s", s.port, password)
}

// KillLeader ends the Redis that leads, for good.
func (s *Sentinel) KillLeader() { s.leader.Kill() }

func ask(t testing.TB, server *Redis, command ...string) string {
	t.Helper()

	args := append([]string{"--no-auth-warning", "-a", password, "-p", strconv.Itoa(server.port)}, command...)
	out, err := exec.Command("redis-cli", args...).CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(out))

	return string(out)
}
