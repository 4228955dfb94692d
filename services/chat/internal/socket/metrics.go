package socket

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts sockets that we close.
type Metrics struct{ closes *prometheus.CounterVec }

// NewMetrics returns metrics that stand at zero.
func NewMetrics() *Metrics {
	return &Metrics{closes: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "shema_chat_closes_total", Help: "Sockets that the server has closed, by code.",
	}, []string{"code"})}
}

// Collectors returns what a registry takes.
func (m *Metrics) Collectors() []prometheus.Collector { return []prometheus.Collector{m.closes} }

func (m *Metrics) closed(code int) { m.closes.WithLabelValues(strconv.Itoa(code)).Inc() }
