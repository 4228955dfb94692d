package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of times in /proc, the same on every Linux that Go runs on.
const ticksPerSecond = 100

// usage is the time on a core that programs and all their children have taken since they started, by their names.
type usage map[string]time.Duration

// usage reads it for all programs of the platform, and for this one, which makes the load.
func (b *bench) usage() (usage, error) {
	parents, own, err := processes()
	if err != nil {
		return nil, err
	}

	names := map[int]string{os.Getpid(): loadGenerator}
	for _, program := range b.Status() {
		names[program.PID] = program.Name
	}

	total := usage{}
	for pid, took := range own {
		for p := pid; p > 1; p = parents[p] {
			if name := names[p]; name != "" {
				total[name] += took
				break
			}
		}
	}

	return total, nil
}

const loadGenerator = "load generator"

// processes returns every process's parent and the time it has taken itself.
func processes() (parents map[int]int, own map[int]time.Duration, err error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")

	parents, own = map[int]int{}, map[int]time.Duration{}
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
			return nil, nil, fmt.Errorf("%s cannot be read", file)
		}

		parent, _ := strconv.Atoi(fields[1])
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		parents[pid], own[pid] = parent, time.Duration(user+system)*time.Second/ticksPerSecond
	}

	return parents, own, err
}

// footprint is what a Go program holds: what the system has given it, and what of that is in use, in KiB.
type footprint struct{ resident, heap, stacks float64 }

func (f footprint) minus(g footprint) footprint {
	return footprint{f.resident - g.resident, f.heap - g.heap, f.stacks - g.stacks}
}

func (f footprint) plus(g footprint) footprint {
	return footprint{f.resident + g.resident, f.heap + g.heap, f.stacks + g.stacks}
}

func (f footprint) each(n int) footprint {
	return footprint{f.resident / float64(n), f.heap / float64(n), f.stacks / float64(n)}
}

// footprint reads that of several instances together.
func (b *bench) footprint(names ...string) (total footprint, err error) {
	for _, program := range b.Status() {
		for _, name := range names {
			if program.Name != name {
				continue
			}

			mib, err := resident(program.PID)
			if err != nil {
				return footprint{}, err
			}

			values, err := b.metrics(name, "go_memstats_heap_inuse_bytes", "go_memstats_stack_inuse_bytes")
			if err != nil {
				return footprint{}, err
			}

			total = total.plus(footprint{mib * 1024, values[0] / 1024, values[1] / 1024})
		}
	}

	return total, nil
}

// metrics reads the values of a program's metrics that have no labels.
func (b *bench) metrics(program string, names ...string) ([]float64, error) {
	response, err := http.Get(b.MetricsURL(program))
	if err != nil {
		return nil, err
	}

	defer func() { _ = response.Body.Close() }()

	found := map[string]float64{}

	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), " "); ok {
			found[name], _ = strconv.ParseFloat(value, 64)
		}
	}

	values := make([]float64, len(names))
	for i, name := range names {
		value, ok := found[name]
		if !ok {
			return nil, fmt.Errorf("%s has no metric %s", program, name)
		}

		values[i] = value
	}

	return values, lines.Err()
}

// handled counts the requests that a program has answered, its sidecar's among them, but not those about its health.
func (b *bench) handled(program string) (float64, error) {
	response, err := http.Get(b.MetricsURL(program))
	if err != nil {
		return 0, err
	}

	defer func() { _ = response.Body.Close() }()

	var sum float64

	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "} ")
		if !strings.HasPrefix(name, "shema_http_request_duration_seconds_count{") || strings.Contains(name, "z\"") {
			continue
		}

		count, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, err
		}

		sum += count
	}

	return sum, lines.Err()
}
