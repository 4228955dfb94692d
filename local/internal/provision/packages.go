package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// install gets the system packages of those parts that come as packages and are missing.
func (p *Provider) install(ctx context.Context, parts []Part) error {
	system := debian
	if runtime.GOOS == "darwin" {
		system = homebrew
	}

	var missing []string
	for _, part := range parts {
		if name, packaged := system.packages[part]; packaged && findInstalled(ctx, part) == "" {
			missing = append(missing, name)
		}
	}

	if len(missing) == 0 {
		return nil
	}

	slices.Sort(missing)

	return p.run(ctx, system, missing)
}

// packager is one system's way to install packages.
type packager struct {
	program  string
	packages map[Part]string
	// asRoot says that the program needs root, directly or by sudo.
	asRoot  bool
	refresh []string
	command []string
}

var (
	debian = packager{
		program:  "apt-get",
		packages: map[Part]string{Postgres: "postgresql", Redis: "redis-server", Etcd: "etcd-server"},
		asRoot:   true,
		refresh:  []string{"update", "-q"},
		command:  []string{"install", "-q", "-y", "--no-install-recommends"},
	}
	homebrew = packager{
		program:  "brew",
		packages: map[Part]string{Postgres: "postgresql@17", Redis: "redis", Etcd: "etcd"},
		command:  []string{"install"},
	}
)

func (p *Provider) run(ctx context.Context, system packager, missing []string) error {
	byHand := strings.Join(append(append([]string{system.program}, system.command...), missing...), " ")
	if system.asRoot {
		byHand = "sudo " + byHand
	}

	if _, err := exec.LookPath(system.program); err != nil {
		return fmt.Errorf("these packages are missing and %s is not here to install them: %s", system.program, strings.Join(missing, " "))
	}

	prefix, allowed := privilege(ctx, system)
	if !allowed {
		return fmt.Errorf("packages are missing; please run: %s", byHand)
	}

	if system.asRoot {
		restore, err := keepServicesDown(ctx, prefix)
		if err != nil {
			return err
		}
		defer restore()
	}

	p.sayf("installing %s", strings.Join(missing, " "))

	commands := [][]string{append(slices.Clone(system.command), missing...)}
	if system.refresh != nil {
		commands = slices.Insert(commands, 0, system.refresh)
	}

	for _, arguments := range commands {
		line := slices.Concat(prefix, []string{system.program}, arguments)
		if err := p.watched(command(ctx, line...), strings.Join(line, " ")); err != nil {
			return fmt.Errorf("could not install packages; please run: %s: %w", byHand, err)
		}
	}

	return nil
}

// privilege returns what to put before a command that may need root.
func privilege(ctx context.Context, system packager) (prefix []string, allowed bool) {
	if !system.asRoot || os.Geteuid() == 0 {
		return nil, true
	}

	if exec.CommandContext(ctx, "sudo", "-n", "true").Run() != nil {
		return nil, false
	}

	return []string{"sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"}, true
}

const policyFile = "/usr/sbin/policy-rc.d"

// keepServicesDown makes Debian's install scripts leave the packages' own
// services stopped: we run the programs, not the services. An existing policy
// of the machine is left as it is.
func keepServicesDown(ctx context.Context, prefix []string) (restore func(), err error) {
	if _, err := os.Stat(policyFile); !errors.Is(err, os.ErrNotExist) {
		return func() {}, nil
	}

	script := fmt.Sprintf("printf '#!/bin/sh\\nexit 101\\n' > %[1]s && chmod 755 %[1]s", policyFile)

	line := slices.Concat(prefix, []string{"sh", "-c", script})
	if out, err := command(ctx, line...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("forbid services to start while installing: %w: %s", err, out)
	}

	return func() {
		line := slices.Concat(prefix, []string{"rm", "-f", policyFile})
		_ = command(context.WithoutCancel(ctx), line...).Run()
	}, nil
}

func command(ctx context.Context, line ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	return cmd
}
