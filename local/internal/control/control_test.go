package control

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/local/platform"
)

func TestServer_Answers_UntilStopped(t *testing.T) {
	g := NewWithT(t)
	socket := filepath.Join(shortFolder(t), "control.sock")
	about := About{Build: "one", PortOffset: 100}

	ended := make(chan error, 1)
	go func() { ended <- Serve(context.Background(), socket, about) }()

	client := NewClient(socket)
	g.Eventually(func() (About, error) { return client.About(t.Context()) }).Should(Equal(about))
	g.Expect(client.Status(t.Context())).To(BeEmpty())
	g.Expect(client.Act(t.Context(), "booking", "kill")).To(MatchError("the platform is not up"))
	g.Expect(client.Stop(t.Context())).To(Succeed())
	g.Eventually(ended).Should(Receive(BeNil()))

	_, err := client.About(t.Context())
	g.Expect(err).To(HaveOccurred())
}

func TestServer_Apply_FailureEnds(t *testing.T) {
	g := NewWithT(t)
	folder := shortFolder(t)
	socket := filepath.Join(folder, "control.sock")

	ended := make(chan error, 1)
	go func() { ended <- Serve(context.Background(), socket, About{}) }()

	client := NewClient(socket)
	g.Eventually(func() error { _, err := client.About(t.Context()); return err }).Should(Succeed())

	prepared := platform.Prepared{Options: platform.Options{Root: folder, Dir: folder, PortOffset: 60000}}
	err := client.Apply(t.Context(), prepared, func(Message) {})
	g.Expect(err).To(MatchError(ContainSubstring("choose a smaller one")))
	g.Eventually(ended).Should(Receive(BeNil()))
}

func TestSocketPath_Short(t *testing.T) {
	g := NewWithT(t)
	g.Expect(SocketPath("/home/me/shema/.local/run")).To(Equal("/home/me/shema/.local/run/control.sock"))

	deep := "/" + strings.Repeat("very/", 40) + "deep"
	path, err := SocketPath(deep)
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { _ = os.Remove(filepath.Dir(path)) })
	g.Expect(len(path)).To(BeNumerically("<=", maxSocketPath))
	g.Expect(SocketPath(deep)).To(Equal(path), "the same folder has the same socket")
	g.Expect(SocketPath(deep + "er")).NotTo(Equal(path))
}

// shortFolder is a temporary folder in which the path of a socket fits.
func shortFolder(t *testing.T) string {
	t.Helper()

	folder, err := os.MkdirTemp("", "c") //nolint:usetesting // t.TempDir names the test in the path, which makes it too long for a socket
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = os.RemoveAll(folder) })

	return folder
}
