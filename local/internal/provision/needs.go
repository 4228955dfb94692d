package provision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Programs holds the paths of everything the platform runs but didn't write.
type Programs struct {
	// PostgresBin is the folder with initdb and postgres.
	PostgresBin   string `json:"postgres_bin"`
	Redis         string `json:"redis"`
	Etcd          string `json:"etcd"`
	KubeAPIServer string `json:"kube_apiserver"`
	Kubectl       string `json:"kubectl"`
	Daprd         string `json:"daprd"`
}

// Part names one program, or family of programs, that can be asked for.
type Part string

// The parts that can be asked for.
const (
	Postgres      Part = "postgres"
	Redis         Part = "redis"
	Etcd          Part = "etcd"
	KubeAPIServer Part = "kube-apiserver"
	Kubectl       Part = "kubectl"
	Daprd         Part = "daprd"
)

// All lists every part.
func All() []Part { return []Part{Postgres, Redis, Etcd, KubeAPIServer, Kubectl, Daprd} }

// Provider finds, installs and builds.
type Provider struct {
	// Modules is the folder that holds the modules daprd and kube-apiserver.
	Modules string
	// Cache is where built programs are kept.
	Cache string
	// Progress receives lines for a person to read.
	Progress io.Writer
}

// New returns a provider for the checkout at root with the user's cache.
func New(root string, progress io.Writer) (*Provider, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("find the home folder: %w", err)
	}

	return &Provider{
		Modules:  filepath.Join(root, "local"),
		Cache:    filepath.Join(home, ".cache", "shema"),
		Progress: progress,
	}, nil
}

// Provide returns the paths of the given parts after installing or building
// what is missing. A variable named like the part (DAPRD, KUBE_APISERVER,
// KUBECTL, ETCD, REDIS_SERVER, POSTGRES_BIN) names a program to use instead.
func (p *Provider) Provide(ctx context.Context, parts ...Part) (Programs, error) {
	stop := p.fetch(ctx, parts)
	defer stop()

	installed := make(chan error, 1)
	go func() { installed <- p.install(ctx, parts) }()

	built, others := split(parts)

	var programs Programs
	if err := errors.Join(p.locateAll(ctx, built, &programs), <-installed); err != nil {
		return programs, err
	}

	return programs, p.locateAll(ctx, others, &programs)
}

// split tells parts that are built from source from those that are installed: the processor has to do with the ones, the
// network with the others.
func split(parts []Part) (built, others []Part) {
	for _, part := range parts {
		if _, ok := recipes()[part]; ok {
			built = append(built, part)
		} else {
			others = append(others, part)
		}
	}

	return built, others
}

func (p *Provider) locateAll(ctx context.Context, parts []Part, programs *Programs) error {
	for _, part := range parts {
		path, err := p.locate(ctx, part)
		if err != nil {
			return err
		}

		*programs.field(part) = path
	}

	return nil
}

func (p *Programs) field(part Part) *string {
	return map[Part]*string{
		Postgres:      &p.PostgresBin,
		Redis:         &p.Redis,
		Etcd:          &p.Etcd,
		KubeAPIServer: &p.KubeAPIServer,
		Kubectl:       &p.Kubectl,
		Daprd:         &p.Daprd,
	}[part]
}

func (p *Provider) locate(ctx context.Context, part Part) (string, error) {
	if path := findInstalled(ctx, part); path != "" {
		return path, nil
	}

	if recipe, ok := recipes()[part]; ok {
		return p.build(ctx, recipe)
	}

	return "", fmt.Errorf("%s was not found; name it in the variable %s", part, variable(part))
}

// variable is the environment variable that overrides a part.
func variable(part Part) string {
	if name, special := map[Part]string{Postgres: "POSTGRES_BIN", Redis: "REDIS_SERVER"}[part]; special {
		return name
	}

	return strings.ToUpper(strings.ReplaceAll(string(part), "-", "_"))
}

// findInstalled returns where the part is on this machine, or "" when it has to
// be installed or built.
func findInstalled(ctx context.Context, part Part) string {
	if path := os.Getenv(variable(part)); path != "" {
		return path
	}

	switch part {
	case Postgres:
		return findPostgres()
	case Redis:
		return findProgram("redis-server")
	case Etcd:
		return findProgram("etcd")
	case Kubectl:
		return findKubectl(ctx)
	case KubeAPIServer, Daprd:
		return ""
	}

	return ""
}

// minPostgres is the oldest major version that our SQL runs on.
const minPostgres = 15

// findPostgres looks where Debian and Homebrew put their versions, newest first.
func findPostgres() string {
	var folders []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
	} {
		found, _ := filepath.Glob(pattern)
		folders = append(folders, found...)
	}

	folders = slices.DeleteFunc(folders, func(folder string) bool {
		return postgresVersion(folder) < minPostgres || !executable(filepath.Join(folder, "initdb"))
	})
	if len(folders) == 0 {
		return ""
	}

	return slices.MaxFunc(folders, func(a, b string) int { return postgresVersion(a) - postgresVersion(b) })
}

func postgresVersion(folder string) int {
	name := strings.TrimPrefix(filepath.Base(filepath.Dir(folder)), "postgresql@")
	version, _ := strconv.Atoi(name)
	return version
}

// findProgram looks along PATH and in the folders that a plain user's PATH lacks.
func findProgram(name string) string {
	folders := filepath.SplitList(os.Getenv("PATH"))

	folders = append(folders, "/usr/sbin", "/sbin", "/usr/local/sbin")
	if runtime.GOOS == "darwin" {
		folders = append(folders, "/opt/homebrew/bin", "/usr/local/bin")
	}

	for _, folder := range folders {
		if path := filepath.Join(folder, name); executable(path) {
			return path
		}
	}

	return ""
}

func executable(path string) bool {
	info, err := os.Stat(path) //nolint:gosec // the user names programs of their own
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
