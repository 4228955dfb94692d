package bookingtest

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// counted returns the value of the counter with that name and single label.
func counted(t *testing.T, collectors []prometheus.Collector, name, label string) int {
	t.Helper()

	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors...)
	families, err := registry.Gather()
	must(t, err)

	for _, family := range families {
		if family.GetName() != name {
			continue
		}

		for _, metric := range family.GetMetric() {
			if metric.GetLabel()[0].GetValue() == label {
				return int(metric.GetCounter().GetValue())
			}
		}
	}

	return 0
}
