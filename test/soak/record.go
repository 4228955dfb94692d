package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/shema-music/shema/test/internal/machine"
	"github.com/shema-music/shema/test/internal/trend"
)

// record is what was seen in one run.
type record struct {
	At      time.Time       `json:"at"`
	Machine machine.Machine `json:"machine"`
	// Did counts what people did.
	Did string `json:"did"`
	// Series are by kind and by what was measured, with seconds since the beginning.
	Series map[string]map[string]trend.Series `json:"series"`
}

func newRecord(on machine.Machine) *record {
	return &record{At: time.Now().UTC(), Machine: on, Series: map[string]map[string]trend.Series{}}
}

// note adds a measurement.
func (r *record) note(kind, subject string, at time.Duration, value float64) {
	if r.Series[kind] == nil {
		r.Series[kind] = map[string]trend.Series{}
	}

	r.Series[kind][subject] = append(r.Series[kind][subject], trend.Point{X: at.Seconds(), Y: value})
}

// end is when the last measurement was taken, in seconds.
func (r *record) end() float64 {
	var end float64

	for _, subjects := range r.Series {
		for _, s := range subjects {
			end = max(end, s[len(s)-1].X)
		}
	}

	return end
}

// judged is what was measured after the warm-up.
func (r *record) judged(kind, subject string) trend.Series {
	return r.Series[kind][subject].After(warmUp * r.end())
}

// finding is one series with its verdict.
type finding struct {
	Kind    kind
	Subject string
	Series  trend.Series
	Verdict trend.Verdict
	// Judged is false for what is only shown.
	Judged bool
}

// findings are those of one kind: first what grows, then what is largest.
func (r *record) findings(k kind) []finding {
	all := make([]finding, 0, len(r.Series[k.Name]))
	for _, subject := range slices.Sorted(maps.Keys(r.Series[k.Name])) {
		f := finding{Kind: k, Subject: subject, Series: r.Series[k.Name][subject]}
		if k.judge != nil {
			f.Verdict = k.judge(r, subject, r.judged(k.Name, subject), k.Bound)
			f.Judged = f.Verdict.Allowed > 0
		}

		all = append(all, f)
	}

	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(-cmp.Compare(a.excess(), b.excess()), -cmp.Compare(a.last(), b.last()))
	})

	return all
}

// excess is what was gained beyond the bound.
func (f *finding) excess() float64 {
	if !f.Verdict.Grows() {
		return 0
	}

	return f.Verdict.Gained - f.Verdict.Allowed
}

func (f *finding) last() float64 { return f.Series[len(f.Series)-1].Y }

// judge returns one error for each thing that grows.
func (r *record) judge() error {
	var grown []error
	for _, k := range kinds() {
		for _, f := range r.findings(k) {
			if f.Verdict.Grows() {
				grown = append(grown, fmt.Errorf("%s of %s grows: by %s where %s are allowed", k.Name, f.Subject,
					number(f.Verdict.Gained, k.Unit), number(f.Verdict.Allowed, k.Unit)))
			}
		}
	}

	return errors.Join(grown...)
}

// keep writes the page, and the measurements beside it, and returns the path of the page.
func (r *record) keep(folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}

	encoded, err := json.Marshal(r)
	if err != nil {
		return "", err
	}

	path := filepath.Join(folder, r.At.Format("20060102-150405"))
	if err := os.WriteFile(path+".json", encoded, 0o644); err != nil {
		return "", err
	}

	page, err := os.Create(path + ".html")
	if err != nil {
		return "", err
	}

	return page.Name(), errors.Join(r.write(page), page.Close())
}
