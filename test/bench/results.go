package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// results is a run as a file keeps it.
type results struct {
	At      time.Time `json:"at"`
	Machine machine   `json:"machine"`
	Lines   []result  `json:"results"`
}

// machine is what the numbers of two runs must have in common to be comparable.
type machine struct {
	OS           string  `json:"os"`
	Architecture string  `json:"architecture"`
	CPU          string  `json:"cpu"`
	Cores        int     `json:"cores"`
	MemoryMiB    int     `json:"memory_mib"`
	Go           string  `json:"go"`
	LoadBefore   float64 `json:"load_before"`
}

type result struct {
	Name    string             `json:"name"`
	Value   string             `json:"value"`
	Note    string             `json:"note,omitempty"`
	Metrics map[string]float64 `json:"metrics,omitempty"`
}

// thisMachine describes the machine that the program runs on, with its load of the last minute.
func thisMachine() machine {
	m := machine{
		OS:           runtime.GOOS,
		Architecture: runtime.GOARCH,
		Cores:        runtime.NumCPU(),
		Go:           runtime.Version(),
	}
	m.CPU = field("/proc/cpuinfo", "model name")

	var kib int
	if _, err := fmt.Sscan(field("/proc/meminfo", "MemTotal"), &kib); err == nil {
		m.MemoryMiB = kib / 1024
	}

	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(text), &m.LoadBefore)
	}

	return m
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

// results returns the report as a file keeps it.
func (r *report) results(at time.Time, on machine) results {
	all := results{At: at.UTC(), Machine: on, Lines: make([]result, len(r.lines))}
	for i, l := range r.lines {
		kept := result{Name: l.name, Value: l.value, Note: l.note}
		for _, m := range l.metrics {
			if kept.Metrics == nil {
				kept.Metrics = map[string]float64{}
			}

			kept.Metrics[m.unit] = m.value
		}

		all.Lines[i] = kept
	}

	return all
}

// keep writes the results, and makes the file's folder if there is none.
func (r results) keep(path string) error {
	encoded, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}

	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}

	return os.WriteFile(path, append(encoded, '\n'), 0o644)
}

func readResults(path string) (r results, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}

	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}

	if len(r.Lines) == 0 {
		return r, errors.New(path + " holds no results")
	}

	return r, nil
}

// compare writes what has become of every metric that both runs have, and says where the machines differ. Against an empty
// run there is nothing to say.
func (r results) compare(w io.Writer, earlier results) {
	if len(earlier.Lines) == 0 {
		return
	}

	_, _ = fmt.Fprintf(w, "\nagainst the run of %s", earlier.At.Format(time.DateTime))
	if why := r.Machine.differs(earlier.Machine); why != "" {
		_, _ = fmt.Fprintf(w, "; CAUTION: another machine: %s", why)
	}

	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprint(table, "\n\nwhat\tunit\tbefore\tnow\tchange\n")

	before := map[string]map[string]float64{}
	for _, l := range earlier.Lines {
		before[l.Name] = l.Metrics
	}

	for _, l := range r.Lines {
		for _, unit := range slices.Sorted(maps.Keys(l.Metrics)) {
			if was, known := before[l.Name][unit]; known {
				_, _ = fmt.Fprintf(table, "%s\t%s\t%.4g\t%.4g\t%s\n", l.Name, unit, was, l.Metrics[unit], change(was, l.Metrics[unit]))
			}
		}
	}

	_ = table.Flush()
}

// differs says in what, or nothing. The load is no part of a machine, but spoils numbers all the same.
func (m machine) differs(other machine) string {
	var in []string
	if m.CPU != other.CPU || m.Architecture != other.Architecture {
		in = append(in, fmt.Sprintf("processor %q, then %q", m.CPU, other.CPU))
	}

	if m.Cores != other.Cores {
		in = append(in, fmt.Sprintf("%d cores, then %d", m.Cores, other.Cores))
	}

	if busyLoad(m) != busyLoad(other) {
		in = append(in, fmt.Sprintf("load %.1f, then %.1f", m.LoadBefore, other.LoadBefore))
	}

	return strings.Join(in, "; ")
}

func busyLoad(m machine) bool { return m.LoadBefore >= float64(m.Cores)/2 } //nolint:mnd // as in busy

// change is by how much a value differs from what it was, in per cent.
func change(was, now float64) string {
	if was == 0 {
		return ""
	}

	return fmt.Sprintf("%+.0f %%", 100*(now-was)/was) //nolint:mnd // per cent
}
