package faults_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/testenv"
)

// disk is a small file system of its own (in memory) for the data of Postgres, so that it can be full.
type disk struct{ path string }

// roomy is more than Postgres needs in any run.
const roomy = "size=2g"

// newDisk moves the data of a running platform to a file system of its own. It returns nil where that is not allowed:
// only root may mount.
func newDisk(t *testing.T, env *testenv.Environment) *disk {
	t.Helper()
	g := NewWithT(t)

	path := filepath.Join(env.Dir, "postgres")
	moved := path + ".moved"

	about, err := os.Stat(path)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(env.Platform.Stop("postgres")).To(Succeed())
	g.Expect(os.Rename(path, moved)).To(Succeed())
	g.Expect(os.Mkdir(path, 0o700)).To(Succeed())

	mounted := syscall.Mount("shema-faults", path, "tmpfs", 0, roomy)
	if mounted == nil {
		t.Cleanup(func() { _ = syscall.Unmount(path, syscall.MNT_DETACH) })
	} else {
		t.Logf("no full disk: %v", mounted)
	}

	out, err := exec.CommandContext(t.Context(), "cp", "-a", moved+"/.", path).CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(out))
	g.Expect(os.RemoveAll(moved)).To(Succeed())

	if owner, ok := about.Sys().(*syscall.Stat_t); ok {
		g.Expect(os.Chown(path, int(owner.Uid), int(owner.Gid))).To(Succeed())
	}

	g.Expect(os.Chmod(path, 0o700)).To(Succeed())
	g.Expect(env.Platform.Start(t.Context(), "postgres")).To(Succeed())

	if mounted != nil {
		return nil
	}

	return &disk{path: path}
}

// fill leaves no room but what the files have already.
func (d *disk) fill() error {
	var used syscall.Statfs_t
	if err := syscall.Statfs(d.path, &used); err != nil {
		return fmt.Errorf("ask how full the disk is: %w", err)
	}

	bytes := (used.Blocks - used.Bfree) * uint64(used.Bsize)

	return d.resize(fmt.Sprintf("size=%d", bytes+1<<16))
}

// empty gives room again.
func (d *disk) empty() error { return d.resize(roomy) }

func (d *disk) resize(size string) error {
	// What Postgres takes meanwhile makes the new size too small.
	for range 20 {
		err := syscall.Mount("shema-faults", d.path, "tmpfs", syscall.MS_REMOUNT, size)
		if !errors.Is(err, syscall.EINVAL) {
			return err
		}
	}

	return errors.New("the disk could not be made smaller")
}
