package hub

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the hub's own.
type Metrics struct {
	hub      *Hub
	delivery prometheus.Histogram
	refilled prometheus.Counter
}

var (
	socketsDesc = prometheus.NewDesc("shema_chat_sockets", "Open sockets.", []string{"side"}, nil)
	laggingDesc = prometheus.NewDesc("shema_chat_lagging_sessions", "Sessions of which messages are being fetched.", nil, nil)
)

func newMetrics(h *Hub) *Metrics {
	return &Metrics{
		hub: h,
		delivery: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "shema_chat_delivery_seconds",
			Help:    "From the writing of a message until it was queued for all its sockets here.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}),
		refilled: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "shema_chat_refilled_messages_total", Help: "Messages that came from the database because nobody else brought them.",
		}),
	}
}

// Metrics returns the hub's metrics.
func (h *Hub) Metrics() *Metrics { return h.metrics }

// Describe names the metrics.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- socketsDesc

	ch <- laggingDesc

	m.delivery.Describe(ch)
	m.refilled.Describe(ch)
}

// Collect counts what there is now.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	m.hub.mu.Lock()
	staff, all, lagging := len(m.hub.staff), len(m.hub.members), len(m.hub.lagging)
	m.hub.mu.Unlock()

	ch <- prometheus.MustNewConstMetric(socketsDesc, prometheus.GaugeValue, float64(staff), "staff")

	ch <- prometheus.MustNewConstMetric(socketsDesc, prometheus.GaugeValue, float64(all-staff), "people")

	ch <- prometheus.MustNewConstMetric(laggingDesc, prometheus.GaugeValue, float64(lagging))

	m.delivery.Collect(ch)
	m.refilled.Collect(ch)
}

func (m *Metrics) handedOut(after time.Duration) { m.delivery.Observe(max(0, after.Seconds())) }
