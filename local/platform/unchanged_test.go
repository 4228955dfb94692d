package platform

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestRestoreTimes_UnchangedProgram(t *testing.T) {
	g := NewWithT(t)
	folder := t.TempDir()
	same, changed := filepath.Join(folder, "same"), filepath.Join(folder, "changed")
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	write := func(path, content string) { g.Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed()) }
	stamp := func(path string) time.Time {
		info, err := os.Stat(path)
		g.Expect(err).NotTo(HaveOccurred())

		return info.ModTime().UTC()
	}

	write(same, "one")
	write(changed, "one")
	g.Expect(os.Chtimes(same, old, old)).To(Succeed())
	g.Expect(os.Chtimes(changed, old, old)).To(Succeed())

	before := programsIn(folder)

	write(same, "one")
	write(changed, "two")
	g.Expect(restoreTimes(before)).To(Succeed())
	g.Expect(stamp(same)).To(Equal(old))
	g.Expect(stamp(changed)).NotTo(Equal(old))
}
