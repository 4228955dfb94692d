package chart_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// Modules that bring the kinds of others. Dapr's version is the one of the sidecar that we build.
const (
	gatewayAPI         = "sigs.k8s.io/gateway-api@v1.4.0"
	prometheusOperator = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
)

var (
	root = filepath.Join("..", "..")
	// kubectl runs kubectl as an administrator of the API server.
	kubectl func(t *testing.T, input string, arguments ...string) (string, error)
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		stop, err := startServer()
		defer stop()

		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}

		return m.Run()
	}())
}

// startServer starts an API server that knows all kinds that the charts use.
func startServer() (stop func(), err error) {
	kinds, err := kindsOfOthers()
	if err != nil {
		return func() {}, err
	}

	server := &envtest.Environment{
		CRDDirectoryPaths:        append(kinds, filepath.Join(root, "operator", "config", "crd")),
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: time.Minute,
		ControlPlaneStopTimeout:  time.Minute,
	}

	stop = func() { _ = server.Stop() } // also after a start that failed half-way
	if _, err := server.Start(); err != nil {
		return stop, fmt.Errorf("start the API server; run this with make chart: %w", err)
	}

	user, err := server.AddUser(envtest.User{Name: "root", Groups: []string{"system:masters"}}, nil)
	if err != nil {
		return stop, err
	}

	config, err := user.KubeConfig()
	if err != nil {
		return stop, err
	}

	dir, err := os.MkdirTemp("", "chart")
	if err != nil {
		return stop, err
	}

	file := filepath.Join(dir, "kubeconfig")
	kubectl = func(t *testing.T, input string, arguments ...string) (string, error) {
		return run(t, input, server.ControlPlane.KubectlPath, append([]string{"--kubeconfig", file}, arguments...)...)
	}

	return func() { _ = server.Stop(); _ = os.RemoveAll(dir) }, os.WriteFile(file, config, 0o600)
}

// kindsOfOthers are files with the CRDs of Dapr, of the Prometheus operator and of the Gateway API.
func kindsOfOthers() ([]string, error) {
	dapr, err := module(filepath.Join(root, "local", "daprd"), "github.com/dapr/dapr")
	if err != nil {
		return nil, err
	}

	prometheus, err := module(os.TempDir(), prometheusOperator)
	if err != nil {
		return nil, err
	}

	gateway, err := module(os.TempDir(), gatewayAPI)
	if err != nil {
		return nil, err
	}

	prometheusKinds := filepath.Join(prometheus, "example", "prometheus-operator-crd", "monitoring.coreos.com_")

	return []string{
		filepath.Join(dapr, "charts", "dapr", "crds"),
		prometheusKinds + "podmonitors.yaml", prometheusKinds + "prometheusrules.yaml",
		filepath.Join(gateway, "config", "crd", "standard", "gateway.networking.k8s.io_httproutes.yaml"),
	}, nil
}

// module downloads a Go module, unless it is there, and returns its folder.
func module(dir, name string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "go", "mod", "download", "-json", name)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")

	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("download %s: %w: %s", name, err, out)
	}

	var about struct{ Dir string }

	return about.Dir, json.Unmarshal(out, &about)
}

// run runs a program and returns all that it printed.
func run(t *testing.T, input, name string, arguments ...string) (string, error) {
	t.Helper()
	// Cleanups run programs, too, when the test's own context has ended.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), name, arguments...)
	cmd.Stdin = strings.NewReader(input)

	var out bytes.Buffer

	cmd.Stdout, cmd.Stderr = &out, &out

	err := cmd.Run()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("run %s: %v", name, err)
	}

	return out.String(), err
}

// helm runs Helm, whose place make knows.
func helm(t *testing.T, arguments ...string) string {
	t.Helper()
	g := NewWithT(t)
	g.Expect(os.Getenv("HELM")).NotTo(BeEmpty(), "run this with make chart")

	out, err := run(t, "", os.Getenv("HELM"), arguments...)
	g.Expect(err).NotTo(HaveOccurred(), out)

	return out
}

func chartDir(name string) string { return filepath.Join(root, "charts", name) }

func values(set string) string { return filepath.Join("testdata", set+".yaml") }

// rendered is what the chart shema makes of a set of values.
func rendered(t *testing.T, set string, more ...string) string {
	t.Helper()
	return helm(t, append([]string{"template", "shema", chartDir("shema"), "--namespace", "shema", "--values", values(set)}, more...)...)
}
