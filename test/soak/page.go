package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/trend"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// The size of a plot, in pixels of the page.
const plotWidth, plotHeight, plotPoints = 300.0, 90.0, 300

// section is one kind on the page.
type section struct {
	Name, About string
	Plots       []plot
}

// plot is one series as the page draws it.
type plot struct {
	Subject, Says string
	Grows, Judged bool
	// Low and High are the ends of the axis, Path the line of what was measured, Line that of the verdict.
	Low, High, Path, Line string
}

// write makes the page.
func (r *record) write(to io.Writer) error {
	all := kinds()
	sections := make([]section, 0, len(all))

	var grown []string

	for _, k := range all {
		s := section{Name: k.Name, About: k.About}
		for _, f := range r.findings(k) {
			p := r.plot(f)
			if p.Grows {
				grown = append(grown, k.Name+" of "+f.Subject)
			}

			s.Plots = append(s.Plots, p)
		}

		sections = append(sections, s)
	}

	return page.Execute(to, map[string]any{
		"At":       r.At.Format(time.DateTime),
		"Machine":  r.Machine,
		"During":   (time.Duration(r.end()) * time.Second).String(),
		"Did":      r.Did,
		"Grown":    grown,
		"Sections": sections,
		"Width":    plotWidth,
		"Height":   plotHeight,
		"WarmUp":   warmUp * plotWidth,
	})
}

func (r *record) plot(f finding) plot {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range f.Series {
		low, high = min(low, p.Y), max(high, p.Y)
	}

	low = min(low, 0.8*high) // what moves little looks so
	if high == low {
		high++
	}

	place := func(p trend.Point) string {
		return fmt.Sprintf("%.1f,%.1f ", plotWidth*p.X/max(1, r.end()), plotHeight*(1-(p.Y-low)/(high-low)))
	}

	var path strings.Builder
	for i, step := 0, max(1, len(f.Series)/plotPoints); i < len(f.Series); i += step {
		path.WriteString(place(f.Series[i]))
	}

	p := plot{
		Subject: f.Subject,
		Says:    f.says(),
		Grows:   f.Verdict.Grows(),
		Judged:  f.Judged,
		Low:     number(low, f.Kind.Unit),
		High:    number(high, f.Kind.Unit),
		Path:    path.String(),
	}

	// A slope by row has no place over time.
	if line := f.Verdict.Line; f.Judged && line[1].X == f.Series[len(f.Series)-1].X {
		p.Line = place(line[0]) + place(line[1])
	}

	return p
}

// says is the verdict in words.
func (f *finding) says() string {
	last := "now " + number(f.last(), f.Kind.Unit)
	if !f.Judged {
		return last
	}

	return fmt.Sprintf("%s; gained %s of %s", last, number(f.Verdict.Gained, f.Kind.Unit), number(f.Verdict.Allowed, f.Kind.Unit))
}

// number writes a value as long as it has to be.
func number(value float64, unit string) string {
	text := fmt.Sprintf("%.0f", value)
	if math.Abs(value) < 100 && value != math.Trunc(value) {
		text = fmt.Sprintf("%.2f", value)
	}

	return strings.TrimSpace(text + " " + unit)
}
