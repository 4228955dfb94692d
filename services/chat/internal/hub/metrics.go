package hub

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the hub's own.
type Metrics struct {
	registry *registry
	streams  *streams
	delivery prometheus.Histogram
	refilled prometheus.Counter
}

var (
	socketsDesc = prometheus.NewDesc("shema_chat_sockets", "Open sockets.", []string{"side"}, nil)
	laggingDesc = prometheus.NewDesc("shema_chat_lagging_sessions", "Sessions of which messages are being fetched.", nil, nil)
)

func newMetrics() *Metrics {
	return &Metrics{
		delivery: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "shema_chat_delivery_seconds",
			Help:    "From the writing of a message until it was queued for all its sockets here.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}),
		refilled: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "shema_chat_refilled_messages_total", Help: "Messages that came from the database because no replica had brought them.",
		}),
	}
}

// Describe names the metrics.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- socketsDesc

	ch <- laggingDesc

	m.delivery.Describe(ch)
	m.refilled.Describe(ch)
}

// Collect counts what there is now.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	staff, people := m.registry.sides()

	ch <- prometheus.MustNewConstMetric(socketsDesc, prometheus.GaugeValue, float64(staff), "staff")

	ch <- prometheus.MustNewConstMetric(socketsDesc, prometheus.GaugeValue, float64(people), "people")

	ch <- prometheus.MustNewConstMetric(laggingDesc, prometheus.GaugeValue, float64(m.streams.laggingCount()))

	m.delivery.Collect(ch)
	m.refilled.Collect(ch)
}

func (m *Metrics) delivered(after time.Duration) { m.delivery.Observe(max(0, after.Seconds())) }
