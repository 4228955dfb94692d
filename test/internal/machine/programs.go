package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of times in /proc, the same on every Linux that Go runs on.
const ticksPerSecond = 100

// CPU is the time on a core that programs and all their children have taken since they started, by the names that their
// processes have in programs.
func CPU(programs map[int]string) (map[string]time.Duration, error) {
	running, err := processes()
	if err != nil {
		return nil, err
	}

	total := map[string]time.Duration{}
	for name, all := range byProgram(programs, running) {
		for _, pid := range all {
			total[name] += running[pid].took
		}
	}

	return total, nil
}

// Holds is what a program and all its children hold at a moment.
type Holds struct {
	// MiB is memory that they share with no other process: neither the program's file nor the shared buffers of Postgres.
	MiB float64
	// Files are open files, connections among them.
	Files int
}

// Held reads that for all programs, by the names that their processes have.
func Held(programs map[int]string) (map[string]Holds, error) {
	running, err := processes()
	if err != nil {
		return nil, err
	}

	held := map[string]Holds{}
	for name, all := range byProgram(programs, running) {
		var sum Holds

		for _, pid := range all {
			mib, err := memory(pid, "RssAnon")
			if err != nil {
				continue // it has ended meanwhile
			}

			files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
			sum.MiB += mib
			sum.Files += len(files)
		}

		held[name] = sum
	}

	return held, nil
}

// Resident returns the resident set of a process in MiB.
func Resident(pid int) (float64, error) { return memory(pid, "VmRSS") }

// memory reads a line of a process's status, in MiB.
func memory(pid int, name string) (float64, error) {
	kib := field(fmt.Sprintf("/proc/%d/status", pid), name)

	value, err := strconv.ParseFloat(strings.TrimSuffix(kib, " kB"), 64)
	if err != nil {
		return 0, fmt.Errorf("process %d shows no memory", pid)
	}

	return value / 1024, nil
}

// process is what /proc says of one.
type process struct {
	parent int
	took   time.Duration
}

// byProgram lists the processes of each program: those that have its name, and their descendants.
func byProgram(programs map[int]string, running map[int]process) map[string][]int {
	found := map[string][]int{}
	for pid := range running {
		for p := pid; p > 1; p = running[p].parent {
			if name := programs[p]; name != "" {
				found[name] = append(found[name], pid)
				break
			}
		}
	}

	return found
}

// processes reads every process's parent and the time it has taken itself.
func processes() (map[int]process, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}

	found := map[int]process{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}

		// The name in the second field may hold anything; what follows it is plain: state, parent … utime, stime.
		_, after, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(after)

		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil || len(fields) < 13 {
			return nil, fmt.Errorf("%s cannot be read", file)
		}

		parent, _ := strconv.Atoi(fields[1])
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		found[pid] = process{parent: parent, took: time.Duration(user+system) * time.Second / ticksPerSecond}
	}

	return found, nil
}
