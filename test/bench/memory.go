package main

import (
	"fmt"
	"time"

	"github.com/shema-music/shema/test/internal/machine"
)

// memoryGoal is what a process of ours may take when idle.
const memoryGoal = 40

// busy warns when others used the machine before anything was started.
func busy(m machine.Machine) string {
	if !m.Busy() {
		return ""
	}

	return fmt.Sprintf("; CAUTION: the machine was busy already, load %.1f", m.LoadBefore)
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

		mib, err := machine.Resident(program.PID)
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
