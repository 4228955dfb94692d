package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
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
		err = build(ctx, layout, o)
	}
	return Prepared{Options: o, Programs: programs}, err
}

// build compiles our programs; what did not change is left untouched, down to
// its time stamp.
func build(ctx context.Context, l Layout, o Options) error {
	var failures []error
	packages := map[string][]string{"local": {"./cmd/" + mailProgram}}
	for _, a := range apps() {
		module, pkg, _ := strings.Cut(a.pkg, "/")
		packages[module] = append(packages[module], "./"+pkg)
	}
	for module, list := range packages {
		target := l.local("bin") + string(filepath.Separator)
		if module == "operator" {
			target = l.binary("operator") // its package is called cmd
		}
		tags := strings.Join(append([]string{leanTags}, o.BuildTags...), ",")
		arguments := append([]string{"build", "-buildvcs=false", "-ldflags=-s -w", "-tags", tags, "-o", target}, list...)
		cmd := exec.CommandContext(ctx, "go", arguments...)
		cmd.Dir = l.source(module)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			failures = append(failures, fmt.Errorf("build %s: %w\n%s", module, err, out))
		}
	}
	return errors.Join(failures...)
}
