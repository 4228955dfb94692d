package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// line is one measurement: what, how much, and against what it is to be held.
type line struct {
	name, value, note string
	// metrics are for machines, in the form that benchstat reads.
	metrics []metric
}

type metric struct {
	value float64
	unit  string
}

// report collects lines in the order of measuring.
type report struct {
	lines []line
	// caution says what makes the numbers worse than they are.
	caution string
}

func (r *report) add(name, value, note string, metrics ...metric) {
	sayf("  %-44s %-30s %s", name, value, note)
	r.lines = append(r.lines, line{
		name:    name,
		value:   value,
		note:    note,
		metrics: metrics,
	})
}

// print writes the table for people and then the lines for benchstat.
func (r *report) print(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)

	_, _ = fmt.Fprintf(table, "measured on %d cores, load generator included%s\n\nwhat\tresult\tcompared\n", runtime.NumCPU(), r.caution)
	for _, l := range r.lines {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", l.name, l.value, l.note)
	}

	_ = table.Flush()

	_, _ = fmt.Fprintf(w, "\ngoos: %s\ngoarch: %s\npkg: github.com/shema-music/shema/test/bench\n", runtime.GOOS, runtime.GOARCH)
	for _, l := range r.lines {
		if len(l.metrics) == 0 {
			continue
		}

		_, _ = fmt.Fprintf(w, "Benchmark%s-%d\t1", identifier(l.name), runtime.NumCPU())
		for _, m := range l.metrics {
			_, _ = fmt.Fprintf(w, "\t%.6g %s", m.value, m.unit)
		}

		_, _ = fmt.Fprintln(w)
	}
}

// atLeast and atMost say whether a measurement meets the project's goal; without a goal they say nothing.
func atLeast(value, goal float64) string {
	if goal == 0 {
		return ""
	}

	return fmt.Sprintf(" (goal: at least %.2f, %s)", goal, met(value >= goal))
}

func atMost(value, goal time.Duration) string {
	if goal == 0 {
		return ""
	}

	return fmt.Sprintf(" (goal: p99 under %s, %s)", goal, met(value < goal))
}

func under(value, goal time.Duration) string {
	return fmt.Sprintf(" (goal: under %s, %s)", goal, met(value < goal))
}

func met(ok bool) string {
	if ok {
		return "met"
	}

	return "MISSED"
}

// identifier turns a name for people into one for benchstat: every word capitalised, nothing but letters and digits.
func identifier(name string) string {
	var id []rune

	upper := true
	for _, c := range name {
		switch {
		case c >= 'a' && c <= 'z' && upper:
			id = append(id, c-'a'+'A')
			upper = false
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			id = append(id, c)
			upper = false
		default:
			upper = true
		}
	}

	return string(id)
}

// percentile returns the value below which the share p of the durations lies.
func percentile(durations []time.Duration, p float64) time.Duration {
	if len(durations) == 0 {
		return 0
	}

	sorted := slices.Sorted(slices.Values(durations))

	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func show(d time.Duration) string { return fmt.Sprintf("%.1f ms", milliseconds(d)) }
