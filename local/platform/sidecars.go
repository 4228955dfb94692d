package platform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/shema-music/shema/local/internal/supervise"
)

// sidecarSpec is one daprd. It counts as ready when its components are loaded;
// that it also reaches its app is among the probes of the app.
func (p *Platform) sidecarSpec(i instance) supervise.Spec {
	number := func(base int) string { return strconv.Itoa(p.ports.of(base, i)) }
	configuration := p.layout.source("components", "configuration", i.app.id+".yaml")

	return supervise.Spec{
		Name:  i.sidecar(),
		Needs: p.present(slices.Concat([]string{partRedis, partCache}, p.sentinelNames())...),
		Dir:   p.layout.Dir,
		Command: []string{
			p.programs.Daprd, "--app-id", i.app.id,
			"--app-port", number(appPorts), "--app-channel-address", "127.0.0.1",
			"--dapr-http-port", number(daprHTTPPorts), "--dapr-grpc-port", number(daprGRPCPorts),
			"--dapr-listen-addresses", "127.0.0.1",
			"--dapr-internal-grpc-port", number(daprInternalPorts), "--dapr-internal-grpc-listen-address", "127.0.0.1",
			"--metrics-port", number(daprMetricsPorts), "--metrics-listen-address", "127.0.0.1",
			"--resources-path", p.resources, "--resources-path", p.layout.dapr("resources"),
			"--config", configuration, "--config", p.layout.dapr("local.yaml"),
			// While the app can't work, nothing is handed to it: events wait in their streams.
			"--enable-app-health-check", "--app-health-check-path", "/readyz",
			"--app-health-probe-interval", "1", "--app-health-probe-timeout", "900", "--app-health-threshold", "4",
			// Subscriptions are declared in components/, so the app isn't asked for them.
			"--disable-init-endpoints", "config,subscribe",
			"--read-buffer-size", "16Ki", "--dapr-graceful-shutdown-seconds", "3",
		},
		Env: list(map[string]string{
			"DAPR_HOST_IP": "127.0.0.1", "APP_API_TOKEN": p.secrets.AppTokens[i.app.id], "DAPR_API_TOKEN": p.secrets.DaprTokens[i.app.id],
			"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", // as our programs do; without it a sidecar speaks gRPC
		}),
		Watch: []string{p.resources, p.layout.dapr("resources"), configuration, p.layout.dapr("local.yaml"), p.layout.daprSecrets()},
		Ready: []supervise.Probe{supervise.HTTP(http.DefaultClient, p.sidecarHealth(i)+"/outbound")},
	}
}

func (p *Platform) sidecarHealth(i instance) string {
	return localURL(p.ports.of(daprHTTPPorts, i)) + "/v1.0/healthz"
}

// throughSidecar succeeds when the sidecar lets calls through to its app, which
// is later than either of the two says that it is ready.
func (p *Platform) throughSidecar(i instance) supervise.Probe {
	url := localURL(p.ports.of(daprHTTPPorts, i)) + "/healthz"
	return supervise.HTTP(http.DefaultClient, url, "dapr-app-id", i.app.id, "dapr-api-token", p.secrets.DaprTokens[i.app.id])
}

func (l Layout) daprSecrets() string { return filepath.Join(l.secrets(), "dapr.json") }

// localResources are the two things that differ from a cluster: where secrets
// come from, and how apps find each other.
const localResources = `apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: kubernetes}
spec:
  type: secretstores.local.file
  version: v1
  metadata:
    - {name: secretsFile, value: %q}
    - {name: multiValued, value: "true"}
`

// Sidecars read what their components need, and tell their apps nothing of it. They count nothing: no monitoring reads it on
// one machine, and counting takes a quarter of what a call costs them (docs/performance.md).
const localConfiguration = `apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata: {name: local}
spec:
  metrics:
    enabled: false
  secrets:
    scopes:
      - {storeName: kubernetes, defaultAccess: deny}
  nameResolution:
    component: hosts
    version: v1
    configuration:
      folder: %q
`

// writeDaprFiles writes what the sidecars read besides components/.
func (p *Platform) writeDaprFiles() error {
	secrets, err := json.Marshal(map[string]any{
		"shema-redis": map[string]string{
			"host": p.redisForSidecars(partRedis), "password": p.secrets.RedisPassword, "tls": "false",
			"cache-host": p.redisForSidecars(partCache), "cache-password": p.secrets.RedisPassword, "cache-tls": "false",
		},
	})
	if err != nil {
		return fmt.Errorf("encode secrets for Dapr: %w", err)
	}

	return errors.Join(
		writeSecret(p.layout.daprSecrets(), secrets),
		writeSecret(p.layout.dapr("resources", "secrets.yaml"), fmt.Appendf(nil, localResources, p.layout.daprSecrets())),
		writeSecret(p.layout.dapr("local.yaml"), fmt.Appendf(nil, localConfiguration, p.layout.dapr("hosts"))),
		p.chooseResources(),
	)
}

// forgetHosts removes the addresses of sidecars that a crash left behind.
func (p *Platform) forgetHosts() error {
	if err := os.RemoveAll(p.layout.dapr("hosts")); err != nil {
		return fmt.Errorf("forget the sidecars' addresses: %w", err)
	}

	return nil
}

// chooseResources uses components/ as it is, or a copy of it without those that
// the options leave out, and with whom to ask where Redis is.
func (p *Platform) chooseResources() error {
	p.resources = p.layout.source("components")
	if len(p.options.WithoutComponents) == 0 && p.options.Standby == "" {
		return nil
	}

	p.resources = p.layout.dapr("components")
	if err := os.RemoveAll(p.resources); err != nil {
		return fmt.Errorf("remove old components: %w", err)
	}

	if err := os.CopyFS(p.resources, os.DirFS(p.layout.source("components"))); err != nil {
		return fmt.Errorf("copy components: %w", err)
	}

	for _, name := range p.options.WithoutComponents {
		err := os.Remove(filepath.Join(p.resources, name+".yaml"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("leave out component %s: %w", name, err)
		}
	}

	if p.options.Standby != "" {
		return p.askSentinels()
	}

	return nil
}

// appSpecs are the programs of ours with their migrations and sidecars.
func (p *Platform) appSpecs() []supervise.Spec {
	var specs []supervise.Spec
	for _, i := range p.instances {
		env := p.environment(i)
		binary := p.layout.binary(i.app.name)

		spec := supervise.Spec{
			Name:       i.name(),
			Command:    []string{binary},
			Env:        env,
			Dir:        p.layout.Dir,
			Needs:      p.present(i.app.needs...),
			Ready:      []supervise.Probe{supervise.HTTP(http.DefaultClient, localURL(p.ports.of(appPorts, i))+"/readyz")},
			StopWithin: 15 * time.Second,
		}
		if i.app.migrate {
			spec.Needs = append(spec.Needs, migration(i.app.name))
		}

		if i.app.sidecar {
			spec.Needs = append(spec.Needs, i.sidecar())
			spec.Ready = append(spec.Ready, p.throughSidecar(i))
			specs = append(specs, p.sidecarSpec(i))
		}

		specs = append(specs, spec)
	}

	return specs
}
