package chart_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/template"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"sigs.k8s.io/yaml"
)

const (
	// interval is the time between two samples, and between two looks at the rules.
	interval = 30 * time.Second
	// shown is how long the series of the cases go on.
	shown = 4 * time.Hour
)

// alertCases are what testdata/alerts.yaml says.
type alertCases struct {
	Healthy []string
	Cases   []struct {
		Name            string
		Series, Without []string
		Fires           []string
	}
}

// TestAlerts_Fire plays series of metrics to Prometheus' own engine: each alert fires on what it is made for, and none
// does for anything else.
func TestAlerts_Fire(t *testing.T) {
	g := NewWithT(t)

	text, err := os.ReadFile(values("alerts"))
	g.Expect(err).NotTo(HaveOccurred())

	var table alertCases
	g.Expect(yaml.UnmarshalStrict(text, &table)).To(Succeed())

	rules := alerts(t, g)
	untested := map[string]bool{}

	for _, rule := range rules {
		untested[rule.Alert] = true
	}

	for _, c := range table.Cases {
		t.Run(c.Name, func(t *testing.T) {
			g := NewWithT(t)
			world := series(g, table.Healthy)

			for _, selector := range c.Without {
				world = without(g, world, selector)
			}

			for _, replacement := range series(g, c.Series) {
				world = append(withoutSame(world, replacement), replacement)
			}

			var firing []string
			for _, rule := range rules {
				if fires(t, g, rule, world) {
					firing = append(firing, rule.Alert)
				}
			}

			g.Expect(firing).To(ConsistOf(c.Fires))
		})

		for _, name := range c.Fires {
			delete(untested, name)
		}
	}

	g.Expect(untested).To(BeEmpty(), "alerts that fire in no case")
}

// fires tells whether the rule holds for as long as it has to, at any time. Its summary has to be printable then.
func fires(t *testing.T, g *WithT, rule alert, world []storage.Series) bool {
	t.Helper()

	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 1e7,
		Timeout:    time.Minute,
		Parser:     parser.NewParser(parser.Options{}),
	})
	defer func() { g.Expect(engine.Close()).To(Succeed()) }()

	query, err := engine.NewRangeQuery(t.Context(), memory(world), nil, rule.Expr, time.Unix(0, 0), time.Unix(0, 0).Add(shown), interval)
	g.Expect(err).NotTo(HaveOccurred(), rule.Alert)

	defer query.Close()

	result, err := query.Exec(t.Context()).Matrix()
	g.Expect(err).NotTo(HaveOccurred(), rule.Alert)

	hold := time.Duration(0)
	if rule.For != "" {
		parsed, err := model.ParseDuration(rule.For)
		g.Expect(err).NotTo(HaveOccurred(), rule.Alert)

		hold = time.Duration(parsed)
	}

	for _, one := range result {
		if sample, ok := longEnough(one.Floats, hold); ok {
			expectSummary(t, g, rule, one.Metric, sample.F)
			return true
		}
	}

	return false
}

// longEnough returns the sample with which the alert has held for long enough.
func longEnough(samples []promql.FPoint, hold time.Duration) (promql.FPoint, bool) {
	since := 0

	for i, sample := range samples {
		if i > 0 && sample.T-samples[i-1].T > interval.Milliseconds() {
			since = i
		}

		if sample.T-samples[since].T >= hold.Milliseconds() {
			return sample, true
		}
	}

	return promql.FPoint{}, false
}

// expectSummary prints the summary as Prometheus does when the alert fires.
func expectSummary(t *testing.T, g *WithT, rule alert, about labels.Labels, value float64) {
	t.Helper()

	nothing := func(context.Context, string, time.Time) (promql.Vector, error) { return nil, nil }
	text := `{{$labels := .Labels}}{{$value := .Value}}` + rule.Annotations["summary"]
	data := template.AlertTemplateData(about.Map(), nil, "", promql.Sample{F: value, Metric: about})

	summary, err := template.NewTemplateExpander(t.Context(), text, rule.Alert, data, 0, nothing, nil, nil).Expand()
	g.Expect(err).NotTo(HaveOccurred(), rule.Alert)
	g.Expect(summary).NotTo(Or(ContainSubstring("<no value>"), ContainSubstring("{{"), ContainSubstring("  ")), rule.Alert)
}

// series reads descriptions of series, and adds the namespace.
func series(g *WithT, descriptions []string) []storage.Series {
	list := make([]storage.Series, 0, len(descriptions))
	for _, description := range descriptions {
		about, values, err := parser.NewParser(parser.Options{}).ParseSeriesDesc(description)
		g.Expect(err).NotTo(HaveOccurred(), description)

		var samples []chunks.Sample
		for i, value := range values {
			if !value.Omitted {
				samples = append(samples, sample{at: int64(i) * interval.Milliseconds(), value: value.Value})
			}
		}

		named := labels.NewBuilder(about).Set("namespace", "shema").Labels()
		list = append(list, storage.NewListSeries(named, samples))
	}

	return list
}

// sample is a number at a time in milliseconds.
type sample struct {
	at    int64
	value float64
}

func (s sample) T() int64                      { return s.at }
func (s sample) ST() int64                     { return 0 }
func (s sample) F() float64                    { return s.value }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample           { return s }

func without(g *WithT, world []storage.Series, selector string) []storage.Series {
	matchers, err := parser.NewParser(parser.Options{}).ParseMetricSelector(selector)
	g.Expect(err).NotTo(HaveOccurred(), selector)

	left := slices.DeleteFunc(slices.Clone(world), func(s storage.Series) bool { return matches(s, matchers) })
	g.Expect(len(left)).To(BeNumerically("<", len(world)), "%s matches nothing", selector)

	return left
}

func withoutSame(world []storage.Series, replacement storage.Series) []storage.Series {
	return slices.DeleteFunc(world, func(s storage.Series) bool { return labels.Equal(s.Labels(), replacement.Labels()) })
}

func matches(s storage.Series, matchers []*labels.Matcher) bool {
	return !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(s.Labels().Get(m.Name)) })
}

// memory answers the engine's questions with the given series.
func memory(world []storage.Series) storage.Queryable {
	return &storage.MockQueryable{MockQuerier: &storage.MockQuerier{
		SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
			var found []storage.Series
			for _, s := range world {
				if matches(s, matchers) {
					found = append(found, s)
				}
			}

			slices.SortFunc(found, func(a, b storage.Series) int { return strings.Compare(a.Labels().String(), b.Labels().String()) })

			return &seriesSet{SeriesSet: storage.EmptySeriesSet(), series: found, at: -1}
		},
	}}
}

// seriesSet goes through series one by one. What it embeds knows of no failure and of no warning.
type seriesSet struct {
	storage.SeriesSet

	series []storage.Series
	at     int
}

// Next goes on to the next series, if there is one.
func (s *seriesSet) Next() bool {
	s.at++
	return s.at < len(s.series)
}

// At is the series at which the set is.
func (s *seriesSet) At() storage.Series { return s.series[s.at] }
