package platform

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/shema-music/shema/local/internal/supervise"
	kitpostgres "github.com/shema-music/shema/services/kit/postgres"
)

// Start starts the named program, if it doesn't run, and returns when it is ready.
func (p *Platform) Start(ctx context.Context, name string) error { return p.keeper.Start(ctx, name) }

// Stop ends the named program gracefully and keeps it down until Start.
func (p *Platform) Stop(name string) error { return p.keeper.Stop(name) }

// Restart stops and starts the named program and returns when it is ready.
func (p *Platform) Restart(ctx context.Context, name string) error {
	return p.keeper.Restart(ctx, name)
}

// Kill ends the named program with SIGKILL, as a crash would, and returns when
// it is dead. It comes back by itself; AwaitReady waits for that.
func (p *Platform) Kill(ctx context.Context, name string) error { return p.keeper.Kill(ctx, name) }

// Lose ends the named program with SIGKILL and keeps it down until Start, as if
// its machine were gone.
func (p *Platform) Lose(name string) error { return p.keeper.Lose(name) }

// AwaitReady returns when the named program is ready.
func (p *Platform) AwaitReady(ctx context.Context, name string) error {
	return p.keeper.AwaitReady(ctx, name)
}

// Pause makes the named program hang until Resume, as if its machine were overloaded.
func (p *Platform) Pause(name string) error { return p.keeper.Signal(name, syscall.SIGSTOP) }

// Resume lets a paused program go on.
func (p *Platform) Resume(name string) error { return p.keeper.Signal(name, syscall.SIGCONT) }

// Replicas returns the names of all programs that do the same work as the named
// one: "booking" may have "booking-2" beside it, and "booking-dapr"
// "booking-2-dapr". A program with a number stands for itself.
func (p *Platform) Replicas(name string) []string {
	var names []string
	for _, i := range p.instances {
		first := instance{app: i.app}
		switch {
		case first.name() == name:
			names = append(names, i.name())
		case i.app.sidecar && first.sidecar() == name:
			names = append(names, i.sidecar())
		}
	}

	if len(names) == 0 {
		return []string{name}
	}

	return names
}

// Status describes all programs in starting order.
func (p *Platform) Status() []Status { return p.keeper.Status() }

// Log returns the path of the named part's log.
func (p *Platform) Log(name string) string { return supervise.LogPath(p.layout.Logs(), name) }

// Secrets returns the platform's secrets.
func (p *Platform) Secrets() Secrets { return p.secrets }

// PortOffset returns by how much all ports are shifted.
func (p *Platform) PortOffset() int { return p.ports.offset }

// Ports names the user of every port on which the platform may listen.
func (p *Platform) Ports() map[int]string {
	users := p.ports.all(p.instances)
	if p.guard != nil {
		users[p.ports.guard()] = "the platform itself"
	}

	return users
}

// GatewayURL returns where the world reaches the platform. A second gateway is
// the service "gateway-2".
func (p *Platform) GatewayURL() string { return p.ServiceURL("gateway") }

// ServiceURL returns where the named program of ours ("booking", "booking-2") listens.
func (p *Platform) ServiceURL(name string) string { return p.url(appPorts, name) }

// MetricsURL returns where the named program of ours shows its metrics.
func (p *Platform) MetricsURL(name string) string { return p.url(metricsPorts, name) + "/metrics" }

// SidecarURL returns the HTTP API of the named program's sidecar, which asks for
// the app's Dapr token in the header "dapr-api-token".
func (p *Platform) SidecarURL(name string) string { return p.url(daprHTTPPorts, name) }

func (p *Platform) url(base int, name string) string {
	for _, i := range p.instances {
		if i.name() == name {
			return localURL(p.ports.of(base, i))
		}
	}

	return ""
}

// DatabaseURL returns how the superuser reaches the platform's database.
func (p *Platform) DatabaseURL() string {
	return p.reaching(p.cluster.URL(kitpostgres.DatabaseName))
}

// RoleURL returns how the given role reaches the platform's database.
func (p *Platform) RoleURL(role string) string {
	return p.reaching(p.cluster.RoleURL(role, p.secrets.RolePasswords[role], kitpostgres.DatabaseName))
}

// PostgresProgram returns the path of one of Postgres' own programs, such as pg_dump.
func (p *Platform) PostgresProgram(name string) string {
	return filepath.Join(p.programs.PostgresBin, name)
}

// RedisURL returns how Redis is reached.
func (p *Platform) RedisURL() string {
	if p.options.Standby != "" {
		return p.sentinelURL()
	}

	u := url.URL{
		Scheme: "redis",
		User:   url.UserPassword("", p.secrets.RedisPassword),
		Host:   local(p.ports.redis()),
		Path:   "/0",
	}

	return u.String()
}

// MailURL returns where the mail that the platform has sent can be read.
func (p *Platform) MailURL() string { return localURL(p.ports.mailPage()) }

// Kubeconfig returns the path of the administrator's kubeconfig.
func (p *Platform) Kubeconfig() string { return p.layout.Kubeconfig() }

// FaultFile returns the file in which all replicas of the named program, built
// with the tag "faults", look for the name of the point at which the first of
// them to get there is to die.
func (p *Platform) FaultFile(name string) string {
	return filepath.Join(p.layout.local("faults"), name)
}

// writeEnv writes the file that scripts source. It is plain KEY=value lines and
// one export line, so that both a shell and a simple parser can read it.
func (p *Platform) writeEnv() error {
	gateways := p.urls("gateway")

	lines := make([][2]string, 0, len(gateways)+6)
	for i, u := range gateways {
		name := "GATEWAY_URL"
		if i > 0 {
			name = fmt.Sprintf("GATEWAY_URL_%d", i+1)
		}

		lines = append(lines, [2]string{name, u})
	}

	lines = append(lines, [][2]string{
		{"KUBECONFIG", p.Kubeconfig()},
		{"ADMIN_EMAIL", AdminEmail},
		{"ADMIN_PASSWORD", p.secrets.AdminPassword},
		{"DATABASE_URL", p.DatabaseURL()},
		{"REDIS_URL", p.RedisURL()},
		{"MAIL_URL", p.MailURL()},
	}...)

	var text strings.Builder

	names := make([]string, 0, len(lines))
	for _, line := range lines {
		_, _ = fmt.Fprintf(&text, "%s=%s\n", line[0], quoted(line[1]))
		names = append(names, line[0])
	}

	_, _ = fmt.Fprintf(&text, "export %s\n", strings.Join(names, " "))

	return writeSecret(p.layout.EnvFile(), []byte(text.String()))
}

// quoted protects a value from the shell where it has to be.
func quoted(value string) string {
	if strings.ContainsAny(value, " '\"$`\\&;|<>()\t") {
		return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
	}

	return value
}

// Clean deletes everything that a stopped platform has kept.
func Clean(l Layout) error {
	lock, err := lockFolder(l.Run())
	if err != nil && !os.IsNotExist(err) {
		return err
	}

	if lock != nil {
		defer func() { _ = lock.Close() }()
	}

	if err := os.RemoveAll(l.Dir); err != nil {
		return fmt.Errorf("delete %s: %w", l.Dir, err)
	}

	return nil
}
