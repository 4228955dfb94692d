// Package config holds the settings that every service shares, and the one way to read settings from the environment.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/caarlos0/env/v11"
)

// metricsPortDistance is how far above the app port Prometheus finds the metrics, unless METRICS_PORT says otherwise.
const metricsPortDistance = 6000

// Common are the settings that all services share. A service's own Config embeds it.
type Common struct {
	// AppID is the Dapr app id; it comes from the program, not from the environment.
	AppID string `env:"-"`

	ListenHost  string `env:"LISTEN_HOST"`
	Port        int    `env:"PORT"`
	MetricsPort int    `env:"METRICS_PORT"`

	DaprHTTPPort int `env:"DAPR_HTTP_PORT" envDefault:"3500"`
	DaprGRPCPort int `env:"DAPR_GRPC_PORT" envDefault:"50001"`
	// AppAPIToken is what the sidecar must send us, DaprAPIToken what we must send the sidecar.
	AppAPIToken  string `env:"APP_API_TOKEN"`
	DaprAPIToken string `env:"DAPR_API_TOKEN"`

	ServiceJWTSecret string `env:"SERVICE_JWT_SECRET"`
	JWKSFile         string `env:"JWKS_FILE"`
	JWTIssuer        string `env:"JWT_ISSUER"         envDefault:"shema-auth"`
	JWTAudience      string `env:"JWT_AUDIENCE"       envDefault:"shema"`

	DatabaseURL string `env:"DATABASE_URL"`

	LogLevel     slog.Level `env:"LOG_LEVEL"                   envDefault:"info"`
	OTLPEndpoint string     `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`

	// ShutdownTimeout bounds how long running requests and jobs may take to end; ShutdownDelay is how long the
	// service goes on answering after /readyz has turned 503, so that load balancers notice.
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"10s"`
	ShutdownDelay   time.Duration `env:"SHUTDOWN_DELAY"   envDefault:"0s"`
}

// Settings is any struct that embeds Common.
type Settings interface{ common() *Common }

func (c *Common) common() *Common { return c }

// Load fills settings from the environment. The port is the service's default; PORT_OFFSET shifts it, PORT replaces it.
func Load(settings Settings, appID string, port int) error {
	if err := env.Parse(settings); err != nil {
		return fmt.Errorf("read the settings from the environment: %w", err)
	}

	c := settings.common()

	c.AppID = appID
	if c.Port == 0 {
		offset, err := portOffset()
		if err != nil {
			return err
		}

		c.Port = port + offset
	}

	if c.MetricsPort == 0 {
		c.MetricsPort = c.Port + metricsPortDistance
	}

	return nil
}

func portOffset() (int, error) {
	text := os.Getenv("PORT_OFFSET")
	if text == "" {
		return 0, nil
	}

	offset, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("PORT_OFFSET must be a whole number: %w", err)
	}

	return offset, nil
}

// Address is where the service listens for its callers.
func (c *Common) Address() string { return net.JoinHostPort(c.ListenHost, strconv.Itoa(c.Port)) }

// MetricsAddress is where Prometheus reads.
func (c *Common) MetricsAddress() string {
	return net.JoinHostPort(c.ListenHost, strconv.Itoa(c.MetricsPort))
}

// Of returns a copy of the shared part of any settings.
func Of(settings Settings) Common { return *settings.common() }
