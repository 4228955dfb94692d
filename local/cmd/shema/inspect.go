package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/shema-music/shema/local/internal/control"
	"github.com/shema-music/shema/local/internal/supervise"
	"github.com/shema-music/shema/local/platform"
)

var errNotUp = errors.New("the platform is not up; start it with: make up")

// connect returns a client of the supervisor, or errNotUp.
func connect(ctx context.Context) (*control.Client, error) {
	l, err := layout()
	if err != nil {
		return nil, err
	}

	socket, err := control.SocketPath(l.Run())
	if err != nil {
		return nil, err
	}

	client := control.NewClient(socket)
	if _, err := client.About(ctx); err != nil {
		return nil, errNotUp
	}

	return client, nil
}

func status(ctx context.Context, _ []string) error {
	client, err := connect(ctx)
	if err != nil {
		return err
	}

	programs, err := client.Status(ctx)
	if err != nil {
		return err
	}

	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "NAME\tSTATE\tPID\tUP\tRESTARTS\tPROBLEM")

	notReady := 0
	for _, p := range programs {
		if p.State != supervise.Ready {
			notReady++
		}

		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%d\t%s\n", p.Name, p.State, p.PID, p.Up.Round(time.Second), p.Restarts, p.Problem)
	}

	if err := table.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}

	if notReady > 0 {
		return fmt.Errorf("%d of %d programs are not ready", notReady, len(programs))
	}

	return nil
}

func act(action string) func(context.Context, []string) error {
	return func(ctx context.Context, arguments []string) error {
		if len(arguments) != 1 {
			return fmt.Errorf("say which program to %s; shema status lists them", action)
		}

		client, err := connect(ctx)
		if err != nil {
			return err
		}

		return client.Act(ctx, arguments[0], action)
	}
}

func logs(ctx context.Context, arguments []string) error {
	l, err := layout()
	if err != nil {
		return err
	}

	if len(arguments) == 0 || arguments[0] == "" {
		return listLogs(l)
	}

	path := supervise.LogPath(l.Logs(), arguments[0])
	if _, err := os.Stat(path); err != nil { //nolint:gosec // the user reads files of their own
		return errors.Join(fmt.Errorf("there is no log of %q", arguments[0]), listLogs(l))
	}

	cmd := exec.CommandContext(ctx, "tail", "-n", "100", "-F", path) //nolint:gosec // the user reads files of their own

	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("follow the log: %w", err)
	}

	return nil
}

func listLogs(l platform.Layout) error {
	files, err := filepath.Glob(supervise.LogPath(l.Logs(), "*"))
	if err != nil {
		return fmt.Errorf("list the logs: %w", err)
	}

	for _, file := range files {
		fmt.Printf("make logs APP=%s\n", strings.TrimSuffix(filepath.Base(file), ".log"))
	}

	return nil
}

func printEnv(context.Context, []string) error {
	l, err := layout()
	if err != nil {
		return err
	}

	data, err := os.ReadFile(l.EnvFile())
	if err != nil {
		return errNotUp
	}

	fmt.Print(string(data))

	return nil
}

func readEnv(l platform.Layout) (map[string]string, error) {
	data, err := os.ReadFile(l.EnvFile())
	if err != nil {
		return nil, errNotUp
	}

	values := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[key] = value
		}
	}

	return values, nil
}
