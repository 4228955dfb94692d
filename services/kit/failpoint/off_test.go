//go:build !faults

package failpoint_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/failpoint"
)

// A failpoint does nothing outside of test builds.
func TestPoint_OrdinaryBuild(t *testing.T) { // sets the environment, so not parallel
	g := NewWithT(t)
	path := filepath.Join(t.TempDir(), "fault")
	g.Expect(os.WriteFile(path, []byte("booking.held"), 0o600)).To(Succeed())
	t.Setenv("FAULT_FILE", path)
	failpoint.Point("booking.held")
	g.Expect(path).To(BeAnExistingFile())
}
