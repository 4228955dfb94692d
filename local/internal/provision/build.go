package provision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// recipe says how one program is built from a module of ours.
type recipe struct {
	name    string
	module  string // folder below local/
	version string // module whose version it has
	pkg     string
	flags   func(version string) string // linker flags
	compile string                      // compiler flags
}

// Flags with which the compiler works a third less: these programs are not
// debugged, and the API server has so little to do here that it starts as fast
// without inlining. daprd is on the way of every call and stays inlined.
const (
	withoutDebugging = "-dwarf=false"
	withoutInlining  = "-l -dwarf=false"
)

func recipes() map[Part]recipe {
	const kubernetes = "k8s.io/kubernetes"

	return map[Part]recipe{
		Daprd: {
			name:    "daprd",
			module:  "daprd",
			version: "github.com/dapr/dapr",
			pkg:     ".",
			compile: withoutDebugging,
			flags: func(v string) string {
				return "-X github.com/dapr/dapr/pkg/buildinfo.version=" + strings.TrimPrefix(v, "v")
			},
		},
		KubeAPIServer: {
			name:    "kube-apiserver",
			module:  "kube-apiserver",
			version: kubernetes,
			compile: withoutInlining,
			pkg:     kubernetes + "/cmd/kube-apiserver",
			flags:   kubernetesVersion,
		},
		Kubectl: {
			name:    "kubectl",
			module:  "kube-apiserver",
			version: kubernetes,
			compile: withoutInlining,
			pkg:     kubernetes + "/cmd/kubectl",
			flags:   kubernetesVersion,
		},
	}
}

// kubernetesVersion stamps the version that the programs report, which Kubernetes' own build does likewise.
func kubernetesVersion(version string) string {
	numbers := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	values := map[string]string{"gitVersion": version, "gitMajor": numbers[0], "gitMinor": numbers[1]}

	flags := make([]string, 0, 2*len(values))
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for name, value := range values {
			flags = append(flags, fmt.Sprintf("-X %s.%s=%s", pkg, name, value))
		}
	}

	slices.Sort(flags)

	return strings.Join(flags, " ")
}

// build returns the program from the cache, after building it into the cache
// when it isn't there.
func (p *Provider) build(ctx context.Context, r recipe) (string, error) {
	version, path, err := p.place(r)
	if err != nil || executable(path) {
		return path, err
	}

	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return "", fmt.Errorf("make the cache: %w", err)
	}

	p.sayf("building %s %s from source; this is done once and takes some minutes", r.name, version)
	// Built beside its place and then moved, so that an interrupted build leaves no broken program.
	unfinished := fmt.Sprintf("%s.%d", path, os.Getpid())
	defer func() { _ = os.Remove(unfinished) }()
	// The standard library keeps its usual flags, so that all builds share it.
	cmd := exec.CommandContext(ctx, "go", "build", "-v", "-buildvcs=false", "-gcflags=all="+r.compile, "-gcflags=std=",
		"-ldflags", "-s -w "+r.flags(version), "-o", unfinished, r.pkg)
	cmd.Dir = filepath.Join(p.Modules, r.module)

	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0", "GOGC=200")
	if err := p.Compile(cmd, r.name); err != nil {
		return "", err
	}

	if err := os.Rename(unfinished, path); err != nil {
		return "", fmt.Errorf("keep %s: %w", r.name, err)
	}

	return path, nil
}

// place returns where in the cache the program is once it is built.
func (p *Provider) place(r recipe) (version, path string, err error) {
	version, key, err := identify(filepath.Join(p.Modules, r.module), r)
	if err != nil {
		return "", "", err
	}

	return version, filepath.Join(p.Cache, fmt.Sprintf("%s-%s-%s", r.name, strings.TrimPrefix(version, "v"), key), r.name), nil
}

// fetch downloads modules while programs are compiled, if one of the parts has to be: those of daprd, and those of our
// programs, which come next. Whatever it does not get is downloaded by who needs it. Stop ends it.
func (p *Provider) fetch(ctx context.Context, parts []Part) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)

	var fetching sync.WaitGroup
	if slices.ContainsFunc(parts, func(part Part) bool { return p.mustBuild(ctx, part) }) {
		fetching.Go(func() {
			p.list(ctx, "daprd", "GOWORK=off")
			p.list(ctx, "../operator")
			p.list(ctx, "../services")
		})
	}

	return func() { cancel(); fetching.Wait() }
}

// list has go look at all packages that the module needs, for which it downloads them.
func (p *Provider) list(ctx context.Context, module string, env ...string) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "./...")
	cmd.Dir = filepath.Join(p.Modules, module)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	_ = cmd.Run()
}

func (p *Provider) mustBuild(ctx context.Context, part Part) bool {
	r, ok := recipes()[part]
	if !ok || findInstalled(ctx, part) != "" {
		return false
	}

	_, path, err := p.place(r)

	return err == nil && !executable(path)
}

// identify returns the version of what the recipe builds and a key that
// changes with the module's files and with the machine's kind.
func identify(folder string, r recipe) (version, key string, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		return "", "", fmt.Errorf("list %s: %w", folder, err)
	}

	sum := sha256.New()

	_, _ = fmt.Fprintln(sum, runtime.GOOS, runtime.GOARCH)
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			continue
		}

		data, err := os.ReadFile(file)
		if err != nil {
			return "", "", fmt.Errorf("read %s: %w", file, err)
		}

		_, _ = fmt.Fprintln(sum, filepath.Base(file), len(data))

		_, _ = sum.Write(data)
		if filepath.Base(file) == "go.mod" {
			version = requiredVersion(data, r.version)
		}
	}

	if version == "" {
		return "", "", fmt.Errorf("%s/go.mod does not require %s", folder, r.version)
	}

	return version, hex.EncodeToString(sum.Sum(nil))[:12], nil
}

func requiredVersion(goMod []byte, module string) string {
	match := regexp.MustCompile(`(?m)^(?:require)?\s+` + regexp.QuoteMeta(module) + `\s+(v\S+)`).FindSubmatch(goMod)
	if match == nil {
		return ""
	}

	return string(match[1])
}
