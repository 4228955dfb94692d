package rest

import "github.com/prometheus/client_golang/prometheus"

// Values of the label limit.
const (
	limitSignIns  = "sign_ins"
	limitRequests = "requests"
	limitPerson   = "person"
)

// metrics are the gateway's own.
type metrics struct {
	cache             *prometheus.CounterVec
	hit, miss, bypass prometheus.Counter
	limited, degraded *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		cache: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shema_gateway_cache_total", Help: "Public reads by where the answer came from.",
		}, []string{"result"}),
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shema_gateway_rate_limited_total", Help: "Requests refused because a client sent too many.",
		}, []string{"limit"}),
		degraded: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shema_gateway_dashboard_degraded_total", Help: "Dashboards with parts missing, by the app that did not give them.",
		}, []string{"app"}),
	}
	m.hit, m.miss = m.cache.WithLabelValues("hit"), m.cache.WithLabelValues("miss")
	m.bypass = m.cache.WithLabelValues("bypass")

	return m
}

// collectors are what has to be registered.
func (m *metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.cache, m.limited, m.degraded}
}
