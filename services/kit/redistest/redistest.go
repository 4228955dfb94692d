// Package redistest runs a real Redis for a test.
package redistest

import (
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

const password = "redis-password"

// Redis is a real server of the test's own, which can be killed and started again.
type Redis struct {
	port    int
	program string
	process *exec.Cmd
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Redis {
	t.Helper()

	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("this test needs redis-server: install it, or run `make test`, which does")
	}

	r := &Redis{port: freePort(t), program: program}
	r.Restart(t)
	t.Cleanup(r.Kill)

	return r
}

func freePort(t testing.TB) int {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)

	address, _ := listener.Addr().(*net.TCPAddr)
	must(t, listener.Close())

	return address.Port
}

// URL is what the service gets as REDIS_URL.
func (r *Redis) URL() string { return fmt.Sprintf("redis://:%s@127.0.0.1:%d/0", password, r.port) }

// Restart starts the server, on the port that it had before.
func (r *Redis) Restart(t testing.TB) {
	t.Helper()
	r.process = exec.Command(r.program, "--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--requirepass", password,
		"--save", "", "--appendonly", "no", "--dir", t.TempDir())
	must(t, r.process.Start())
	NewWithT(t).Eventually(func() error {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)), time.Second)
		if err == nil {
			_ = conn.Close()
		}

		return err
	}, "10s", "5ms").Should(Succeed(), "redis-server does not answer")
}

// Kill ends the server at once; one that has ended is fine.
func (r *Redis) Kill() {
	if r.process != nil {
		_ = r.process.Process.Kill()
		_ = r.process.Wait()
		r.process = nil
	}
}

func must(t testing.TB, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}
