package chat

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/shema-music/shema/services/kit/auth"
)

// Metrics counts messages, and sessions that close.
type Metrics struct {
	messages *prometheus.CounterVec
	closed   *prometheus.CounterVec
}

// NewMetrics returns metrics that stand at zero.
func NewMetrics() *Metrics {
	return &Metrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shema_chat_messages_total", Help: "Messages written, by the sender's role.",
		}, []string{"sender"}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shema_chat_sessions_closed_total", Help: "Sessions closed, by reason.",
		}, []string{"reason"}),
	}
}

// Collectors returns what a registry takes.
func (m *Metrics) Collectors() []prometheus.Collector {
	return []prometheus.Collector{m.messages, m.closed}
}

func (m *Metrics) said(role auth.Role) { m.messages.WithLabelValues(string(role)).Inc() }

func (m *Metrics) closedBy(reason CloseReason) { m.closed.WithLabelValues(string(reason)).Inc() }
