//go:build !linux

package postgres

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// Owner says as whom PostgreSQL runs: here always as ourselves.
type Owner struct{}

// FindOwner refuses root, because PostgreSQL does.
func FindOwner() (Owner, error) {
	if os.Geteuid() == 0 {
		return Owner{}, errors.New("PostgreSQL refuses to run as root: please run this as a normal user")
	}
	return Owner{}, nil
}

// Attributes changes nothing here.
func (Owner) Attributes(*syscall.SysProcAttr) {}

func (Owner) adopt(string) error { return nil }

// programName returns what runs under the number, "" when nothing does.
func programName(pid int) string {
	out, err := exec.CommandContext(context.Background(), "ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return string(out)
}
