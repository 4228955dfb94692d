// Command soak lets people use a platform with two of each service, evenly and for long, and looks every few seconds what its
// programs, tables and Redis hold. It fails if something grows that should not, if an accepted request is lost, or if a promise
// of "shema verify" is broken, and writes a page with what it saw.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/shema-music/shema/local/platform"
	"github.com/shema-music/shema/test/internal/load"
	"github.com/shema-music/shema/test/internal/machine"
	"github.com/shema-music/shema/test/internal/testenv"
)

const (
	// warmUp is the share of the time at whose end everything has to be as large as it gets.
	warmUp = 0.25
	// patience is how long people may take to finish what they had begun, and tables to agree.
	patience = 2 * time.Minute
)

func main() {
	var o options

	flag.DurationVar(&o.during, "for", 20*time.Minute, "how long people use the platform")
	flag.DurationVar(&o.every, "every", 5*time.Second, "how often is looked")
	flag.StringVar(&o.into, "into", filepath.Join(".local", "soak"), "`folder` that keeps the page and the measurements")
	flag.StringVar(&o.again, "again", "", "`file` of measurements that are to be judged anew; nothing is measured")
	flag.BoolVar(&o.verbose, "v", false, "show what the platform reports while it starts")
	flag.Parse()

	do := run
	if o.again != "" {
		do = judgeAgain
	}

	if err := do(o); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "soak:", err)

		os.Exit(1)
	}
}

type options struct {
	during, every time.Duration
	into, again   string
	verbose       bool
}

// cast keeps two cores about half busy.
func cast() load.Cast {
	return load.Cast{
		Bookers:  7,
		Talkers:  8,
		Rotators: 3,
		Visitors: 8,
		Readers:  2,
		Editors:  1,
		Rest:     3 * time.Second,
		Messages: 20,
	}
}

// run starts the platform, lets people use it, and judges.
func run(o options) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	on := machine.This()

	dir, err := os.MkdirTemp("", "shema-soak-")
	if err != nil {
		return err
	}

	defer func() {
		if err == nil { // the logs say more about a failure
			_ = os.RemoveAll(dir)
		}
	}()

	sayf("starting a platform in %s; load of the machine %.1f", dir, on.LoadBefore)

	env, err := start(ctx, o, dir)
	if err != nil {
		return err
	}

	defer func() { err = errors.Join(err, env.Close()) }()

	sayf("people use it for %s", o.during)

	people := load.New(env, cast())
	seen := newRecord(on)

	if err := use(ctx, o, env, people, seen); err != nil {
		return err
	}

	seen.Did = people.Summary()
	sayf("%s", seen.Did)

	page, err := seen.keep(o.into)
	if err != nil {
		return err
	}

	sayf("the page is %s", page)

	return errors.Join(seen.judge(), promises(ctx, env, people))
}

// judgeAgain makes the page of an earlier run anew.
func judgeAgain(o options) error {
	encoded, err := os.ReadFile(o.again)
	if err != nil {
		return err
	}

	var seen record
	if err := json.Unmarshal(encoded, &seen); err != nil {
		return fmt.Errorf("%s: %w", o.again, err)
	}

	page, err := seen.keep(o.into)
	if err != nil {
		return err
	}

	sayf("the page is %s", page)

	return seen.judge()
}

// start runs a platform with two of each service.
func start(ctx context.Context, o options, dir string) (*testenv.Environment, error) {
	progress := io.Discard
	if o.verbose {
		progress = os.Stderr
	}

	return testenv.Start(ctx, dir, progress, func(p *platform.Options) { p.Replicas = platform.Each(2) })
}

// use lets people use the platform for as long as is wanted, and looks meanwhile.
func use(ctx context.Context, o options, env *testenv.Environment, people *load.Load, seen *record) error {
	ctx, cancel := context.WithTimeout(ctx, o.during+patience)
	defer cancel()

	over, end := context.WithTimeout(ctx, o.during)
	defer end()

	done := make(chan struct{})

	go func() {
		people.Use(ctx, over)
		close(done)
	}()

	watched := newWatcher(env, seen).watch(over, o.every)
	if watched != nil {
		end()
	}

	<-done

	if ctx.Err() != nil {
		return errors.Join(watched, fmt.Errorf("what was begun could not be finished: %w", ctx.Err()))
	}

	return watched
}

// promises asks for what was accepted and is gone, and for broken promises of the tables.
func promises(ctx context.Context, env *testenv.Environment, people *load.Load) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	var (
		lost []string
		err  error
	)

	// The last overdue bookings end with the next sweep.
	for {
		if lost, err = people.Differences(ctx); err != nil || len(lost) == 0 || !load.Rest(ctx, time.Second) {
			break
		}
	}

	if err == nil && len(lost) > 0 {
		err = fmt.Errorf("%d differences to what was accepted: %.2000s", len(lost), strings.Join(lost, "; "))
	}

	if refused := people.SignIns(); len(refused) > 0 {
		err = errors.Join(err, fmt.Errorf("people cannot sign in: %s", strings.Join(refused, "; ")))
	}

	result, looked := env.Verify(context.WithoutCancel(ctx))
	if broken := result.Broken(); broken != "" {
		looked = errors.New(broken)
	}

	return errors.Join(err, looked)
}

func sayf(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, "soak: "+format+"\n", args...)
}
