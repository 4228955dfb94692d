package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/shema-music/shema/test/internal/machine"
)

// results is a run as a file keeps it.
type results struct {
	At      time.Time       `json:"at"`
	Machine machine.Machine `json:"machine"`
	Lines   []result        `json:"results"`
}

type result struct {
	Name    string             `json:"name"`
	Value   string             `json:"value"`
	Note    string             `json:"note,omitempty"`
	Metrics map[string]float64 `json:"metrics,omitempty"`
}

// results returns the report as a file keeps it.
func (r *report) results(at time.Time, on machine.Machine) results {
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
	if why := r.Machine.Differs(earlier.Machine); why != "" {
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

// change is by how much a value differs from what it was, in per cent.
func change(was, now float64) string {
	if was == 0 {
		return ""
	}

	return fmt.Sprintf("%+.0f %%", 100*(now-was)/was) //nolint:mnd // per cent
}
