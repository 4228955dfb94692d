package cli_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/cli"
)

// storeless is a program without a database.
func storeless() cli.Program {
	p := program(&settings{}, nil)
	p.Migrations = nil

	return p
}

// listen opens an address until the test ends.
func listen(t *testing.T, address string) string {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { _ = listener.Close() })

	return listener.Addr().String()
}

func TestAwaitStores_WaitsUntilAnAddressTakesConnections(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())

	address := free.Addr().String()
	g.Expect(free.Close()).To(Succeed())

	said, out := io.Pipe()
	done := make(chan error, 1)

	go func() { done <- storeless().Run(t.Context(), []string{"await-stores", address}, out) }()

	first := make([]byte, 1<<10)
	n, err := said.Read(first)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(first[:n])).To(And(ContainSubstring("waiting for a store"), ContainSubstring(address), ContainSubstring("refused")))

	go func() { _, _ = io.Copy(io.Discard, said) }()

	listen(t, address)
	g.Eventually(done).WithTimeout(time.Minute).Should(Receive(Succeed()))
}

func TestAwaitStores_OneOfSeveralIsEnough(t *testing.T) {
	t.Parallel()

	address := listen(t, "127.0.0.1:0")
	NewWithT(t).Expect(storeless().Run(t.Context(), []string{"await-stores", "127.0.0.1:1, " + address}, io.Discard)).To(Succeed())
}

func TestAwaitStores_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	g.Expect(storeless().Run(ctx, []string{"await-stores", "127.0.0.1:1"}, io.Discard)).To(MatchError(ContainSubstring("wait for 127.0.0.1:1")))
	g.Expect(storeless().Run(t.Context(), []string{"await-stores"}, io.Discard)).To(MatchError(ContainSubstring("usage")))
}

func TestAwaitStores_ThenForMigrations(t *testing.T) { // sets the environment, so not parallel
	t.Setenv("DATABASE_URL", "")

	err := program(&settings{}, nil).Run(t.Context(), []string{"await-stores", listen(t, "127.0.0.1:0")}, io.Discard)
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("DATABASE_URL")))
}
