// Command kubectl-shema shows administrators how the catalogue is doing. As a
// program of this name on the PATH it is a plugin: kubectl shema.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the zones of Schedules, wherever the plugin runs

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/shema-music/shema/services/kit/clock"
)

// The exit codes, the same as those of kubectl diff.
const (
	exitFine    = 0
	exitProblem = 1
	exitFailure = 2
)

// errProblem says that something is not as it should be, and has been printed.
var errProblem = errors.New("something is not as it should be")

func main() { os.Exit(run(os.Args[1:])) }

func run(arguments []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	command := newCommand(genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}, clock.System{})
	command.SetArgs(arguments)

	return exitCode(os.Stderr, command.ExecuteContext(ctx))
}

// exitCode tells about a failure, and returns what the program ends with.
func exitCode(errs io.Writer, err error) int {
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errProblem):
		return exitProblem
	default:
		_, _ = fmt.Fprintln(errs, "error:", err)
		return exitFailure
	}
}
