package config_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/config"
)

type settings struct {
	config.Common

	Extra string `env:"EXTRA" envDefault:"x"`
}

func TestLoad(t *testing.T) { // changes the environment, so not parallel
	for name, tc := range map[string]struct {
		reason        string
		env           map[string]string
		port, metrics int
	}{
		"defaults": {reason: "the service's own port", port: 3004, metrics: 9004},
		"offset": {
			reason:  "one variable shifts all",
			env:     map[string]string{"PORT_OFFSET": "100"},
			port:    3104,
			metrics: 9104,
		},
		"port": {
			reason:  "a port is taken as it is",
			env:     map[string]string{"PORT": "5000", "PORT_OFFSET": "100"},
			port:    5000,
			metrics: 11000,
		},
		"metrics port": {
			reason:  "so is the metrics port",
			env:     map[string]string{"METRICS_PORT": "9"},
			port:    3004,
			metrics: 9,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			for k, v := range tc.env {
				t.Setenv(k, v)
			}

			var s settings
			g.Expect(config.Load(&s, apps.Booking, 3004)).To(Succeed())
			g.Expect(s.Port).To(Equal(tc.port), tc.reason)
			g.Expect(s.MetricsPort).To(Equal(tc.metrics), tc.reason)
			g.Expect(s.AppID).To(Equal(apps.Booking))
			g.Expect(s.Extra).To(Equal("x"))
			g.Expect(s.ShutdownTimeout).To(Equal(10 * time.Second))
			g.Expect(config.Of(&s)).To(Equal(s.Common))
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	c := config.Common{ListenHost: "127.0.0.1", Port: 1, MetricsPort: 2}
	g.Expect(c.Address()).To(Equal("127.0.0.1:1"))
	g.Expect(c.MetricsAddress()).To(Equal("127.0.0.1:2"))
}

// An error names the variable that is wrong.
func TestLoad_BadVariable(t *testing.T) { // changes the environment, so not parallel
	for variable, value := range map[string]string{"PORT": "x", "PORT_OFFSET": "x", "SHUTDOWN_TIMEOUT": "soon"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, value)

			var s settings

			err := config.Load(&s, apps.Booking, 3004)
			NewWithT(t).Expect(err).To(HaveOccurred())
		})
	}
}
