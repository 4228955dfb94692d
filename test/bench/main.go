// Command bench measures a whole platform on this machine and prints ratios: what the gateway, the sidecars and the
// saga cost, each against the bare thing, in the same run. It starts a platform of its own on free ports, sends
// loopback traffic only, and ends after about three minutes.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/world"
)

func main() {
	if os.Getenv(bareVariable) != "" {
		os.Exit(code(serveBare()))
	}
	verbose := flag.Bool("v", false, "show what the platform reports while it starts")
	flag.Parse()
	os.Exit(code(run(*verbose)))
}

func code(err error) int {
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// run starts the platform, measures one thing after the other, and prints the table.
func run(verbose bool) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "shema-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	progress := io.Discard
	if verbose {
		progress = os.Stderr
	}
	caution := busy()
	sayf("starting a platform in %s%s", dir, caution)
	w, err := world.Start(ctx, dir, progress, unlimited)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := w.Close(); err == nil {
			err = closeErr
		}
	}()
	b := &bench{World: w, ctx: ctx, progress: progress, report: report{caution: caution}}
	for _, step := range []struct {
		name    string
		measure func() error
	}{
		{"idle memory", b.memory}, {"applying", b.apply}, {"hot reads", b.hot}, {"sign-ins", b.logins},
		{"bookings", b.bookings}, {"dashboard", b.dashboard}, {"bookings of the same slots", b.contention}, {"cold reads", b.cold},
	} {
		started := time.Now()
		if err := step.measure(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		sayf("%s measured in %s", step.name, time.Since(started).Round(100*time.Millisecond))
	}
	b.report.print(os.Stdout)
	return ctx.Err()
}

// unlimited is the platform as in production but for the rate limits, which would measure themselves.
func unlimited(o *platform.Options) {
	o.Env["gateway"]["RATE_LIMIT_AUTH"] = "0"
	o.Env["gateway"]["RATE_LIMIT_DEFAULT"] = "0"
}

// bench is one run.
type bench struct {
	*world.World

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
