package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// memoryGoal is what a process of ours may take when idle.
const memoryGoal = 40

// busy warns when others use the machine, by the load of the last minute before anything was started.
func busy() string {
	text, err := os.ReadFile("/proc/loadavg")

	var load float64

	if err != nil {
		return ""
	}

	if _, err := fmt.Sscan(string(text), &load); err != nil || load < float64(workers())/2 {
		return ""
	}

	return fmt.Sprintf("; CAUTION: the machine was busy already, load %.1f", load)
}

// memory reads the resident memory of every program a few seconds after the start, when no client asks for anything.
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

		note := ""
		if b.ServiceURL(program.Name) != "" {
			note = fmt.Sprintf("(goal: under %d MiB, %s)", memoryGoal, met(mib < memoryGoal))
		}

		b.report.add("idle memory, "+program.Name, fmt.Sprintf("%.1f MiB", mib), note, metric{mib, "MiB"})
	}

	return nil
}

// resident returns the resident set of a process in MiB.
func resident(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}

	for line := range strings.SplitSeq(string(status), "\n") {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmRSS: %f kB", &kib); n == 1 {
			return kib / 1024, nil
		}
	}

	return 0, fmt.Errorf("process %d shows no memory", pid)
}
