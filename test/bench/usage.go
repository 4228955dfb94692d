package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/machine"
)

// usage is the time on a core that programs and all their children have taken since they started, by their names.
type usage = map[string]time.Duration

// usage reads it for all programs of the platform, and for this one, which makes the load.
func (b *bench) usage() (usage, error) {
	programs := b.Programs()
	programs[os.Getpid()] = loadGenerator

	return machine.CPU(programs)
}

const loadGenerator = "load generator"

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

			mib, err := machine.Resident(program.PID)
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
	found, err := machine.Metrics(b.MetricsURL(program))
	if err != nil {
		return nil, err
	}

	values := make([]float64, len(names))
	for i, name := range names {
		value, ok := found[name]
		if !ok {
			return nil, fmt.Errorf("%s has no metric %s", program, name)
		}

		values[i] = value
	}

	return values, nil
}

// handled counts the requests that a program has answered, its sidecar's among them, but not those about its health.
func (b *bench) handled(program string) (sum float64, err error) {
	found, err := machine.Metrics(b.MetricsURL(program))
	for name, count := range found {
		if strings.HasPrefix(name, "shema_http_request_duration_seconds_count{") && !strings.Contains(name, "z\"") {
			sum += count
		}
	}

	return sum, err
}
