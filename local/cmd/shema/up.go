package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/shema-music/shema/local/internal/control"
	"github.com/shema-music/shema/local/platform"
)

func up(ctx context.Context, _ []string) error {
	o, err := options()
	if err != nil {
		return err
	}
	if err := checkGo(ctx); err != nil {
		return err
	}
	prepared, err := platform.Prepare(ctx, o, os.Stdout)
	if err != nil {
		return err
	}
	client, err := ensureSupervisor(ctx, o)
	if err != nil {
		return err
	}
	err = client.Apply(ctx, prepared, printStep)
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), stopHere())
	}
	if err != nil {
		return fmt.Errorf("not up: %w", err)
	}
	return printPlaces()
}

func printStep(m control.Message) {
	switch m.What {
	case "ready", "done":
		fmt.Printf("  %-6s %-18s %5.1f s\n", m.What, m.Name, m.Took.Seconds())
	case "exited":
		fmt.Printf("  %s\n", m.Error)
	}
}

func printPlaces() error {
	l, err := layout()
	if err != nil {
		return err
	}
	values, err := readEnv(l)
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("find the working folder: %w", err)
	}
	short := func(path string) string {
		if relative, err := filepath.Rel(here, path); err == nil && len(relative) < len(path) {
			return relative
		}
		return path
	}
	fmt.Printf(`
The platform is up.
  Gateway     %s (documentation at /docs)
  Admin       %s, password in %s
  Mail        %s
  Kubernetes  kubectl --kubeconfig %s get courses,schedules
  Logs        make logs APP=booking
  More        make status · make demo · make down
`, values["GATEWAY_URL"], values["ADMIN_EMAIL"], short(l.EnvFile()), values["MAIL_URL"], short(l.Kubeconfig()))
	return nil
}

// stopHere stops the platform after the command's own context has ended.
func stopHere() error {
	l, err := layout()
	if err != nil {
		return err
	}
	return stopSupervisor(context.Background(), l)
}

func down(ctx context.Context, _ []string) error {
	l, err := layout()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := stopSupervisor(ctx, l); err != nil {
		return err
	}
	fmt.Printf("The platform is down (%.1f s); its data is kept in %s.\n", time.Since(began).Seconds(), l.Dir)
	return nil
}

func clean(ctx context.Context, _ []string) error {
	l, err := layout()
	if err != nil {
		return err
	}
	if err := stopSupervisor(ctx, l); err != nil {
		return err
	}
	if err := platform.Clean(l); err != nil {
		return err
	}
	fmt.Printf("The platform is down and %s is deleted.\n", l.Dir)
	return nil
}
