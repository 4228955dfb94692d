package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/local/verify"
)

// withPostgres runs a command beside a Postgres that lives as long as it.
func withPostgres(ctx context.Context, arguments []string) error {
	o, err := options()
	if err != nil {
		return err
	}

	url, stop, err := platform.ThrowAwayPostgres(ctx, o, os.Stderr)
	if err != nil {
		return err
	}

	return errors.Join(runWith(ctx, arguments, "TEST_DATABASE_URL="+url), stop())
}

// withEnvtest runs a command that can start an API server of its own with
// controller-runtime's envtest, which reads these variables.
func withEnvtest(ctx context.Context, arguments []string) error {
	o, err := options()
	if err != nil {
		return err
	}

	assets, err := platform.KubernetesPrograms(ctx, o, os.Stderr)
	if err != nil {
		return err
	}

	return runWith(ctx, arguments,
		"TEST_ASSET_ETCD="+assets.Etcd, "TEST_ASSET_KUBE_APISERVER="+assets.KubeAPIServer, "TEST_ASSET_KUBECTL="+assets.Kubectl)
}

// withPlatform runs a command beside a whole platform that lives as long as it, with REPLICAS of each service. It fails,
// too, if the platform breaks promises in the end, or a log shows a secret. After a failure the folder with the logs stays.
func withPlatform(ctx context.Context, arguments []string) error {
	o, err := options()
	if err != nil {
		return err
	}

	count, err := replicas(nil)
	if err != nil {
		return err
	}

	dir, err := os.MkdirTemp("", "shema-platform-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}

	o.Dir, o.FreePorts, o.Disposable = dir, true, true
	o.Replicas = platform.Each(count)

	p, err := platform.Start(ctx, o, os.Stderr)
	if err != nil {
		return fmt.Errorf("%w; logs are in %s", err, dir)
	}

	if err := errors.Join(runWith(ctx, arguments,
		"GATEWAY_URL="+p.GatewayURL(),
		"MAIL_URL="+p.MailURL(),
		"ADMIN_EMAIL="+platform.AdminEmail,
		"ADMIN_PASSWORD="+p.Secrets().AdminPassword,
	), unbroken(ctx, p.DatabaseURL()), p.Close(), discreet(p)); err != nil {
		return fmt.Errorf("%w; logs are in %s", err, dir)
	}

	return os.RemoveAll(dir)
}

// unbroken asks what "shema verify" asks.
func unbroken(ctx context.Context, superuser string) error {
	result, err := verify.As(ctx, superuser, verify.Usual)
	if err != nil || len(result.Findings) == 0 {
		return err
	}

	result.Print(os.Stderr)

	return errBroken
}

// discreet looks for secrets in the logs of a platform that is closed.
func discreet(p *platform.Platform) error {
	shown, err := p.Leaks(nil)
	if len(shown) > 0 {
		return fmt.Errorf("secrets in logs: %s", strings.Join(shown, ", "))
	}

	return err
}

// runWith runs the command after "--" with additional variables.
func runWith(ctx context.Context, arguments []string, env ...string) error {
	if len(arguments) > 0 && arguments[0] == "--" {
		arguments = arguments[1:]
	}

	if len(arguments) == 0 {
		return errors.New("name a command to run, after --")
	}

	cmd := exec.CommandContext(ctx, arguments[0], arguments[1:]...) //nolint:gosec // running what the user names is the job
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }

	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return &commandError{exit: exit}
	}

	return err
}

// commandError is the failure of the command that the user named, whose exit
// code becomes ours.
type commandError struct{ exit *exec.ExitError }

// Error says how the command ended.
func (e *commandError) Error() string { return e.exit.Error() }

// minGo is the oldest Go 1.x.y that builds everything here, daprd included.
const (
	minGoMinor = 26
	minGoPatch = 5
)

func checkGo(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	if err != nil {
		return fmt.Errorf("go was not found; install Go 1.%d.%d or newer from https://go.dev/dl", minGoMinor, minGoPatch)
	}

	match := regexp.MustCompile(`^go1\.(\d+)(?:\.(\d+))?`).FindSubmatch(out)
	if match == nil {
		return nil // a development version
	}

	minor, _ := strconv.Atoi(string(match[1]))

	patch, _ := strconv.Atoi(string(match[2]))
	if minor < minGoMinor || minor == minGoMinor && patch < minGoPatch {
		return fmt.Errorf("this is %s, and Go 1.%d.%d or newer is needed: install it from https://go.dev/dl", match[0], minGoMinor, minGoPatch)
	}

	return nil
}
