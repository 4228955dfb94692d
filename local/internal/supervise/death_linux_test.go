package supervise

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestSupervisor_Killed_ProgramsDie(t *testing.T) {
	g := NewWithT(t)
	folder := t.TempDir()
	outer := exec.Command(os.Args[0])
	outer.Env = []string{helperVariable + "=supervisor", "FOLDER=" + folder}
	g.Expect(outer.Start()).To(Succeed())

	var inner Record
	g.Eventually(func() bool {
		var ok bool

		inner, ok = ReadRecord(filepath.Join(folder, "run"), "inner")

		return ok && inner.Alive()
	}, "10s").Should(BeTrue())
	g.Expect(outer.Process.Kill()).To(Succeed())

	_ = outer.Wait()

	g.Eventually(inner.Alive, "5s").Should(BeFalse())
}
