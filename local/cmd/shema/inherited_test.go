package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
)

// A file that was open before, such as a lock of the caller's, is not handed to what is started.
func TestKeepInheritedFiles(t *testing.T) {
	g := NewWithT(t)
	fd, err := syscall.Open(filepath.Join(t.TempDir(), "lock"), syscall.O_CREAT|syscall.O_RDWR, 0o600)
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { _ = syscall.Close(fd) })

	inChild := func() string {
		script := "test -e /dev/fd/" + strconv.Itoa(fd) + " && echo open || echo closed"
		out, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output()
		g.Expect(err).NotTo(HaveOccurred())

		return string(out)
	}

	g.Expect(os.Stat("/dev/fd")).NotTo(BeNil())
	g.Expect(inChild()).To(Equal("open\n"))

	keepInheritedFiles()

	g.Expect(inChild()).To(Equal("closed\n"))
}
