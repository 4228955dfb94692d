package main

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/caarlos0/env/v11"
)

const (
	probePort = 3007
	// metricsPortDistance is the same as in every service.
	metricsPortDistance = 6000
)

// config is read from the environment. KUBECONFIG is read by the Kubernetes
// client itself; without it the operator takes the identity of its pod.
type config struct {
	// DatabaseURL connects as the role catalog_operator.
	DatabaseURL string `env:"DATABASE_URL,required,notEmpty"`
	// WatchNamespaces are the namespaces to look at; none means all.
	WatchNamespaces []string `env:"WATCH_NAMESPACES"`
	// LeaderElect lets several replicas run, of which one works.
	LeaderElect             bool   `env:"LEADER_ELECT"`
	LeaderElectionNamespace string `env:"LEADER_ELECTION_NAMESPACE"`

	// ListenHost is where /healthz, /readyz and the metrics listen; empty means
	// everywhere. PortOffset shifts the ports that are not given.
	ListenHost  string `env:"LISTEN_HOST"`
	ProbePort   int    `env:"PROBE_PORT"`
	MetricsPort int    `env:"METRICS_PORT"`
	PortOffset  int    `env:"PORT_OFFSET"`

	LogLevel        slog.Level    `env:"LOG_LEVEL"        envDefault:"info"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"10s"`

	// Resync is the longest time between two looks at a resource, Poll the
	// time between two looks at the version of the catalogue.
	Resync time.Duration `env:"RESYNC_INTERVAL" envDefault:"45s"`
	Poll   time.Duration `env:"POLL_INTERVAL"   envDefault:"1s"`
}

func readConfig() (config, error) {
	c, err := env.ParseAs[config]()
	if err != nil {
		return c, fmt.Errorf("read the settings from the environment: %w", err)
	}

	if c.ProbePort == 0 {
		c.ProbePort = probePort + c.PortOffset
	}

	if c.MetricsPort == 0 {
		c.MetricsPort = c.ProbePort + metricsPortDistance
	}

	return c, nil
}

func (c config) probeAddress() string { return c.address(c.ProbePort) }

func (c config) metricsAddress() string { return c.address(c.MetricsPort) }

func (c config) address(port int) string {
	return net.JoinHostPort(c.ListenHost, strconv.Itoa(port))
}
