package controller

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

var (
	reconciles = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "shema_catalog_reconcile_total",
		Help: "Reconciles of catalogue resources by kind and by the reason that their condition Ready shows afterwards.",
	}, []string{"kind", "reason"})
	drift = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "shema_catalog_drift_corrected_total",
		Help: "How often rows that had been changed behind the operator's back were put back, by kind.",
	}, []string{"kind"})
	databaseUp = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "shema_catalog_database_up",
		Help: "1 while the operator can read the catalogue tables, 0 while it cannot.",
	})
)

func init() { //nolint:gochecknoinits // controller-runtime's registry is global, and may be filled only once
	metrics.Registry.MustRegister(reconciles, drift, databaseUp)
}

const (
	kindCourse   = "Course"
	kindSchedule = "Schedule"
)

func kindOf(object client.Object) string {
	if _, ok := object.(*v1alpha1.Course); ok {
		return kindCourse
	}

	return kindSchedule
}

func countReconcile(object client.Object, reason string) {
	reconciles.WithLabelValues(kindOf(object), reason).Inc()
}
