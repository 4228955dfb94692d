package recommendation

import "github.com/prometheus/client_golang/prometheus"

// fallback is the ranker of recommendations for which the real one had no answer.
const fallback = "fallback"

// Metrics counts recommendations.
type Metrics struct{ made *prometheus.CounterVec }

// NewMetrics returns metrics that stand at zero.
func NewMetrics() *Metrics {
	return &Metrics{made: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "shema_recommendations_total",
		Help: "Recommendations by what they were made for (request, registration) and by who ordered the courses: " +
			"the rules, the model, or the rules because the model had no answer (fallback).",
	}, []string{"origin", "ranker"})}
}

// Collectors returns what a registry takes.
func (m *Metrics) Collectors() []prometheus.Collector { return []prometheus.Collector{m.made} }

func (m *Metrics) count(origin Origin, ranker string) {
	m.made.WithLabelValues(string(origin), ranker).Inc()
}
