// Command bench measures a whole platform on this machine and prints ratios: what the gateway, the sidecars and the
// saga cost, each against the bare thing, in the same run. It starts a platform of its own on free ports, sends
// loopback traffic only, and ends after about seven minutes. Arguments name parts that are to be measured alone; the scale is measured only so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/machine"
	"github.com/shema-music/shema/test/internal/testenv"
)

func main() {
	if os.Getenv(bareVariable) != "" {
		os.Exit(code(serveBare()))
	}

	var o options

	flag.BoolVar(&o.verbose, "v", false, "show what the platform reports while it starts")
	flag.StringVar(&o.keep, "json", filepath.Join(".local", "bench", time.Now().UTC().Format("20060102-150405")+".json"),
		"`file` that keeps the results with the machine's data")
	flag.StringVar(&o.against, "against", "", "`file` of an earlier run to compare with")

	flag.Usage = func() {
		_, _ = fmt.Fprintf(flag.CommandLine.Output(), "bench [-v] [-json file] [-against file] [part…]\nparts: %s\nscale is measured only when it is named\n", strings.Join(names(new(bench).parts()), " "))
	}

	flag.Parse()
	os.Exit(code(run(o, flag.Args())))
}

func code(err error) int {
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}

	return 0
}

type options struct {
	verbose       bool
	keep, against string
}

// earlier returns the run to compare with, an empty one if none is named.
func (o options) earlier() (results, error) {
	if o.against == "" {
		return results{}, nil
	}

	return readResults(o.against)
}

// run starts the platform, measures one thing after the other, prints the table and keeps it.
func run(o options, wanted []string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	on := machine.This()

	b := &bench{ctx: ctx, progress: io.Discard, report: report{caution: busy(on)}}
	if o.verbose {
		b.progress = os.Stderr
	}

	parts, err := b.choose(wanted)
	if err != nil {
		return err
	}

	earlier, err := o.earlier()
	if err != nil {
		return err
	}

	dir, err := os.MkdirTemp("", "shema-bench-")
	if err != nil {
		return err
	}

	defer func() {
		if err == nil { // the logs say more about a failure
			_ = os.RemoveAll(dir)
		}
	}()

	sayf("starting a platform in %s%s", dir, b.report.caution)

	if b.Environment, err = testenv.Start(ctx, dir, b.progress, fit); err != nil {
		return err
	}

	defer func() {
		if closeErr := b.Close(); err == nil {
			err = closeErr
		}
	}()

	if err := measure(parts); err != nil {
		return err
	}

	b.report.print(os.Stdout)

	measured := b.report.results(time.Now(), on)
	measured.compare(os.Stdout, earlier)
	sayf("kept in %s", o.keep)

	return errors.Join(measured.keep(o.keep), ctx.Err())
}

func measure(parts []part) error {
	for _, part := range parts {
		started := time.Now()

		if err := part.measure(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}

		sayf("%s measured in %s", part.name, time.Since(started).Round(100*time.Millisecond))
	}

	return nil
}

// fit is the platform as in production but for the rate limits, which would measure themselves. One chat server of two
// is killed.
func fit(o *platform.Options) {
	o.Env["gateway"]["RATE_LIMIT_AUTH"] = "0"
	o.Env["gateway"]["RATE_LIMIT_DEFAULT"] = "0"
	o.Replicas = map[string]int{"chat": 2}
	o.Postgres = map[string]string{"shared_preload_libraries": "pg_stat_statements"}
}

// bench is one run.
type bench struct {
	*testenv.Environment

	ctx      context.Context
	progress io.Writer
	report   report
	people   []*client.Person
}

func sayf(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}

// workers is how many things run at once where more would only queue.
func workers() int { return runtime.GOMAXPROCS(0) }
