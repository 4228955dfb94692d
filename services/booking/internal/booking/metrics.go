package booking

import (
	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what becomes of bookings.
type Metrics struct {
	outcomes       *prometheus.CounterVec
	expiryLag      prometheus.Histogram
	settleFailures *prometheus.CounterVec
}

// Outcomes that are no status of the contract: a refused request, a confirmed booking taken back, and a held one that
// was undone because a service was away.
const (
	outcomeRefused = "refused"
	outcomeRevoked = "revoked"
	outcomeExpired = "expired"
	outcomeUndone  = "undone"
	// outcomeRescheduled is a confirmed booking that another one has replaced.
	outcomeRescheduled = "rescheduled"
)

// NewMetrics returns metrics that stand at zero.
func NewMetrics() *Metrics {
	return &Metrics{
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shema_bookings_total", Help: "Bookings by what became of them.",
		}, []string{"outcome"}),
		expiryLag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "shema_booking_expiry_lag_seconds",
			Help:    "How long after its deadline a booking was rejected.",
			Buckets: []float64{1, 5, 15, 30, 60, 90, 120, 300, 900, 3600},
		}),
		settleFailures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shema_booking_settle_failures_total",
			Help: "Decisions whose slots could not be settled at once; they follow later.",
		}, []string{"status"}),
	}
}

// Collectors returns what a registry takes.
func (m *Metrics) Collectors() []prometheus.Collector {
	return []prometheus.Collector{m.outcomes, m.expiryLag, m.settleFailures}
}

// reached counts a booking that has just got its status.
func (m *Metrics) reached(b *Booking) {
	outcome := string(b.Status)
	switch {
	case b.StatusReason != nil && *b.StatusReason == ByReschedule:
		outcome = outcomeRescheduled
	case b.StatusReason != nil && *b.StatusReason == ByAdmin && b.Status == Cancelled:
		outcome = outcomeRevoked
	case b.StatusReason != nil && *b.StatusReason == ByDeadline:
		outcome = outcomeExpired

		m.expiryLag.Observe(max(0, b.UpdatedAt.Sub(b.ExpiresAt)).Seconds())
	}

	m.outcomes.WithLabelValues(outcome).Inc()
}

func (m *Metrics) count(outcome string) { m.outcomes.WithLabelValues(outcome).Inc() }

func (m *Metrics) settleFailed(b *Booking) {
	m.settleFailures.WithLabelValues(string(b.Status)).Inc()
}
