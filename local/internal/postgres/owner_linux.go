package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// Owner says as whom PostgreSQL runs, which refuses to be root.
type Owner struct {
	uid, gid   int
	namespaced bool // root outside, another user inside
	switched   bool // really another user
}

// namespaceID is who root seems to be inside the user namespace.
const namespaceID = 1000

// Capabilities that let another user's process reach a folder below root's home.
const (
	capDACOverride   = 1
	capDACReadSearch = 2
)

// FindOwner picks the simplest way that works here: as ourselves when we aren't
// root; otherwise in a user namespace, where root's files keep their owner; and
// where that is forbidden, as the user that the package made.
func FindOwner() (Owner, error) {
	if os.Geteuid() != 0 {
		return Owner{}, nil
	}

	owner := Owner{namespaced: true}
	probe := exec.CommandContext(context.Background(), "/bin/true")
	probe.SysProcAttr = &syscall.SysProcAttr{}
	owner.Attributes(probe.SysProcAttr)

	if probe.Start() == nil {
		_ = probe.Wait()
		return owner, nil
	}

	account, err := user.Lookup(Superuser)
	if err != nil {
		return Owner{}, fmt.Errorf("PostgreSQL refuses to run as root and there is no user %q to run it as: %w", Superuser, err)
	}

	owner = Owner{switched: true}
	if owner.uid, err = strconv.Atoi(account.Uid); err != nil {
		return Owner{}, fmt.Errorf("user %s: %w", Superuser, err)
	}

	if owner.gid, err = strconv.Atoi(account.Gid); err != nil {
		return Owner{}, fmt.Errorf("user %s: %w", Superuser, err)
	}

	return owner, nil
}

// Attributes makes a program start as the owner.
func (o Owner) Attributes(attr *syscall.SysProcAttr) {
	switch {
	case o.namespaced:
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: namespaceID, HostID: 0, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: namespaceID, HostID: 0, Size: 1}}
	case o.switched:
		attr.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)} //nolint:gosec // ids of an account
		attr.AmbientCaps = []uintptr{capDACOverride, capDACReadSearch}
	}
}

// adopt hands a fresh folder to the owner.
func (o Owner) adopt(folder string) error {
	if !o.switched {
		return nil
	}

	if err := os.Chown(folder, o.uid, o.gid); err != nil {
		return fmt.Errorf("hand %s to user %s: %w", folder, Superuser, err)
	}

	return nil
}

// programName returns what runs under the number, "" when nothing does.
func programName(pid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return ""
	}

	return string(bytes.TrimSpace(name))
}
