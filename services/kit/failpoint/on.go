//go:build faults

// Package failpoint marks the points at which tests kill the process, to see that what was begun is finished.
package failpoint

import (
	"os"
	"strings"
	"syscall"
)

// Point kills the process, once, if the file that FAULT_FILE names holds the point's name. The file is removed first,
// so that the next process passes.
func Point(name string) {
	path := os.Getenv("FAULT_FILE")
	if path == "" {
		return
	}
	content, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(content)) != name {
		return
	}
	if err := os.Remove(path); err != nil {
		return // another process was faster
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // nothing more happens in this goroutine until the signal does its work
}
