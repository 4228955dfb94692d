package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// memory reads the resident memory of every program a few seconds after the start, when nobody asks for anything.
func (b *bench) memory() error {
	select {
	case <-time.After(3 * time.Second):
	case <-b.ctx.Done():
		return b.ctx.Err()
	}
	for _, program := range b.Status() {
		if program.PID == 0 {
			continue
		}
		mib, err := resident(program.PID)
		if err != nil {
			return err
		}
		b.report.add("idle memory, "+program.Name, fmt.Sprintf("%.1f MiB", mib), "", metric{mib, "MiB"})
	}
	return nil
}

// resident returns the resident set of a process in MiB.
func resident(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for _, line := range strings.Split(string(status), "\n") {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmRSS: %f kB", &kib); n == 1 {
			return kib / 1024, nil
		}
	}
	return 0, fmt.Errorf("process %d shows no memory", pid)
}
