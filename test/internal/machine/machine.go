// Package machine says what the machine of a measurement is, and what its programs take, as /proc and their metrics have it.
package machine

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine is what the numbers of two runs must have in common to be comparable.
type Machine struct {
	OS           string  `json:"os"`
	Architecture string  `json:"architecture"`
	CPU          string  `json:"cpu"`
	Cores        int     `json:"cores"`
	MemoryMiB    int     `json:"memory_mib"`
	Go           string  `json:"go"`
	LoadBefore   float64 `json:"load_before"`
}

// This describes the machine that the program runs on, with its load of the last minute.
func This() Machine {
	m := Machine{
		OS:           runtime.GOOS,
		Architecture: runtime.GOARCH,
		Cores:        runtime.NumCPU(),
		Go:           runtime.Version(),
		LoadBefore:   Load(),
	}
	m.CPU = field("/proc/cpuinfo", "model name")

	var kib int
	if _, err := fmt.Sscan(field("/proc/meminfo", "MemTotal"), &kib); err == nil {
		m.MemoryMiB = kib / 1024
	}

	return m
}

// Load is the machine's load of the last minute, and zero where none is told.
func Load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}

	var load float64

	_, _ = fmt.Sscan(string(text), &load)

	return load
}

// Busy tells whether others used the machine before the measurement.
func (m Machine) Busy() bool { return m.LoadBefore >= float64(m.Cores)/2 }

// Differs says in what, or nothing. The load is no part of a machine, but spoils numbers all the same.
func (m Machine) Differs(other Machine) string {
	var in []string
	if m.CPU != other.CPU || m.Architecture != other.Architecture {
		in = append(in, fmt.Sprintf("processor %q, then %q", m.CPU, other.CPU))
	}

	if m.Cores != other.Cores {
		in = append(in, fmt.Sprintf("%d cores, then %d", m.Cores, other.Cores))
	}

	if m.Busy() != other.Busy() {
		in = append(in, fmt.Sprintf("load %.1f, then %.1f", m.LoadBefore, other.LoadBefore))
	}

	return strings.Join(in, "; ")
}

// field returns what follows a name and a colon in a file of /proc, or nothing.
func field(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}

	for line := range strings.Lines(string(text)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}

	return ""
}
