//go:build faults

package failpoint_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/failpoint"
)

// A failpoint kills the process once.
func TestPoint_KillsOnce(t *testing.T) { // runs itself in another process, so not parallel
	g := NewWithT(t)
	if os.Getenv("FAULT_CHILD") != "" {
		failpoint.Point("other")
		failpoint.Point("booking.held")
		return
	}
	path := filepath.Join(t.TempDir(), "fault")
	g.Expect(os.WriteFile(path, []byte("booking.held\n"), 0o600)).To(Succeed())

	run := func() error {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPoint_KillsOnce$")
		child.Env = append(os.Environ(), "FAULT_CHILD=1", "FAULT_FILE="+path)
		return child.Run()
	}
	var exit *exec.ExitError
	g.Expect(errors.As(run(), &exit)).To(BeTrue())

	status, _ := exit.Sys().(syscall.WaitStatus)
	g.Expect(status.Signal()).To(Equal(syscall.SIGKILL))
	g.Expect(path).NotTo(BeAnExistingFile())
	g.Expect(run()).To(Succeed(), "the next process passes")
}
