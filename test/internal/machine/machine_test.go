package machine_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/machine"
)

// A program's children count as the program.
func TestHeld(t *testing.T) {
	g := NewWithT(t)
	programs := map[int]string{os.Getpid(): "this"}

	alone, err := machine.Held(programs)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(alone["this"].MiB).To(BeNumerically(">", 1))
	g.Expect(alone["this"].Files).To(BeNumerically(">=", 3), "the standard ones")

	child := exec.CommandContext(t.Context(), "sleep", "60")
	g.Expect(child.Start()).To(Succeed())
	t.Cleanup(func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	})

	g.Eventually(func() (int, error) {
		both, err := machine.Held(programs)
		return both["this"].Files, err
	}).Should(BeNumerically(">", alone["this"].Files))

	taken, err := machine.CPU(programs)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(taken).To(HaveKey("this"))
}

func TestMetrics(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "# HELP go_goroutines Number of goroutines.\ngo_goroutines 12\nanswers{path=\"/a b\",code=\"200\"} 3e2\n")
	}))
	t.Cleanup(server.Close)

	g.Expect(machine.Metrics(server.URL)).To(Equal(map[string]float64{"go_goroutines": 12, `answers{path="/a b",code="200"}`: 300}))
}
