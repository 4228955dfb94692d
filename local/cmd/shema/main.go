// Command shema runs the platform as processes on this machine; "make up" and
// its kin call it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/shema-music/shema/local/platform"
)

// command is one word that can follow the program's name.
type command struct {
	name, arguments, help string
	run                   func(ctx context.Context, arguments []string) error
}

func commands() []command {
	return []command{
		{"up", "[-replicas 2]", "start everything that doesn't run, restart what changed, wait until it is ready", up},
		{"down", "", "stop everything, keep the data", down},
		{"clean", "", "stop everything, delete the data", clean},
		{"status", "", "list the programs; exit 1 unless all are ready", status},
		{"logs", "[NAME]", "follow the log of one program, or list the logs", logs},
		{"start", "NAME", "start one program", act("start")},
		{"stop", "NAME", "stop one program and keep it down", act("stop")},
		{"restart", "NAME", "stop and start one program", act("restart")},
		{"kill", "NAME", "end one program as a crash would; it comes back", act("kill")},
		{"verify", "[-repair]", "look whether all tables keep their promises, and what mends those that don't", verifyPlatform},
		{"env", "", "print the environment that scripts use", printEnv},
		{"postgres", "-- COMMAND…", "run a command with TEST_DATABASE_URL naming a fast throw-away Postgres", withPostgres},
		{"envtest", "-- COMMAND…", "run a command with the variables by which envtest finds etcd, kube-apiserver and kubectl", withEnvtest},
		{"platform", "-- COMMAND…", "run a command beside a whole platform of its own, with GATEWAY_URL and what else .local/env has", withPlatform},
		{"supervise", "", "run in the foreground what up starts in the background", supervisor},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:])

	var theirs *commandError
	switch {
	case ctx.Err() != nil && err != nil:
		fmt.Fprintln(os.Stderr, "shema: interrupted")
		os.Exit(130)
	case errors.As(err, &theirs):
		os.Exit(theirs.exit.ExitCode()) // the command has said what there is to say
	case err != nil:
		fmt.Fprintln(os.Stderr, "shema:", err)
		os.Exit(1)
	}

	stop()
}

func dispatch(ctx context.Context, arguments []string) error {
	if len(arguments) > 0 {
		for _, c := range commands() {
			if c.name == arguments[0] {
				return c.run(ctx, arguments[1:])
			}
		}
	}

	for _, c := range commands() {
		fmt.Printf("  shema %-10s %-14s %s\n", c.name, c.arguments, c.help)
	}

	if len(arguments) > 0 {
		return fmt.Errorf("there is no command %q", arguments[0])
	}

	return nil
}

// options reads what a person may set from the environment.
func options() (platform.Options, error) {
	var o platform.Options
	if text := os.Getenv("PORT_OFFSET"); text != "" {
		offset, err := strconv.Atoi(text)
		if err != nil || offset < 0 {
			return o, fmt.Errorf("PORT_OFFSET is %q, but has to be a number such as 100", text)
		}

		o.PortOffset = offset
	}

	return o, nil
}

// replicas reads how many of each service "up" is to run, from its arguments or from REPLICAS.
func replicas(arguments []string) (int, error) {
	flags := flag.NewFlagSet("shema up", flag.ContinueOnError)

	text := flags.String("replicas", os.Getenv("REPLICAS"), "how many of each service run, 1 or 2; REPLICAS says the same")
	if err := flags.Parse(arguments); err != nil {
		return 0, err
	}

	switch {
	case flags.NArg() > 0:
		return 0, fmt.Errorf("up takes no %q; it takes -replicas 2", flags.Arg(0))
	case *text == "" || *text == "1":
		return 1, nil
	case *text == "2":
		return 2, nil
	default:
		return 0, fmt.Errorf("REPLICAS is %q, but has to be 1 or 2", *text)
	}
}

func layout() (platform.Layout, error) {
	o, err := options()
	if err != nil {
		return platform.Layout{}, err
	}

	return platform.LayoutOf(o)
}
