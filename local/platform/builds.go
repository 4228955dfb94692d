package platform

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/shema-music/shema/local/internal/provision"
)

// leanTags leave out of our programs what none of them uses, gRPC's tracing page
// and gin's MessagePack, both of which keep the linker from dropping dead code:
// a third of an idle process's memory.
const leanTags = "grpcnotrace,nomsgpack"

// Prepare finds, installs or builds everything that will run. Long steps write
// lines for a person to progress.
func Prepare(ctx context.Context, o Options, progress io.Writer) (Prepared, error) {
	o, err := o.resolve()
	if err != nil {
		return Prepared{}, err
	}

	layout := Layout{Root: o.Root, Dir: o.Dir}
	if err := layout.create(); err != nil {
		return Prepared{}, err
	}

	provider, err := o.provider(progress)
	if err != nil {
		return Prepared{}, err
	}

	programs, err := provider.Provide(ctx, provision.All()...)
	if err != nil {
		return Prepared{}, err
	}

	if !o.WithoutBuild {
		before := programsIn(layout.local("bin"))
		err = errors.Join(build(ctx, layout, o, provider), restoreTimes(before))
	}

	return Prepared{Options: o, Programs: programs}, err
}

// build compiles our programs.
func build(ctx context.Context, l Layout, o Options, provider *provision.Provider) error {
	packages := map[string][]string{"local": {"./cmd/" + mailProgram}}
	for _, a := range apps() {
		module, pkg, _ := strings.Cut(a.pkg, "/")
		packages[module] = append(packages[module], "./"+pkg)
	}

	failures := make([]error, 0, len(packages))
	for _, module := range slices.Sorted(maps.Keys(packages)) {
		target := l.local("bin") + string(filepath.Separator)
		if module == "operator" {
			target = l.binary("operator") // its package is called cmd
		}

		tags := strings.Join(append([]string{leanTags}, o.BuildTags...), ",")
		arguments := append([]string{"build", "-v", "-buildvcs=false", "-ldflags=-s -w", "-tags", tags, "-o", target}, packages[module]...)
		cmd := exec.CommandContext(ctx, "go", arguments...)
		cmd.Dir = l.source(module)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		failures = append(failures, provider.Compile(cmd, "our "+module))
	}

	return errors.Join(failures...)
}
