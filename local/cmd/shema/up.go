package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/shema-music/shema/local/internal/control"
	"github.com/shema-music/shema/local/platform"
)

// secondGateway is there when there are two of each service.
const secondGateway = "gateway-2"

func up(ctx context.Context, arguments []string) error {
	o, err := options()
	if err != nil {
		return err
	}

	count, err := replicas(arguments)
	if err != nil {
		return err
	}

	o.Replicas = platform.Each(count)

	l, err := platform.LayoutOf(o)
	if err != nil {
		return err
	}

	if o.Settings, err = platform.ReadSettings(l.Root, os.Getenv); err != nil {
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

	sayChange(ctx, client, count)

	err = client.Apply(ctx, prepared, printStep)
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), stopHere())
	}

	if err != nil {
		return err
	}

	return printPlaces()
}

// sayChange tells what another number of replicas does to a platform that runs.
func sayChange(ctx context.Context, client *control.Client, count int) {
	programs, err := client.Status(ctx)
	if err != nil || len(programs) == 0 {
		return
	}

	two := slices.ContainsFunc(programs, func(p platform.Status) bool { return p.Name == secondGateway })
	switch {
	case two && count == 1:
		fmt.Println("From two of each service to one: the second ones end; gateway and operator restart, all others go on.")
	case !two && count > 1:
		fmt.Println("From one of each service to two: the second ones start; gateway and operator restart, all others go on.")
	}
}

func printStep(m control.Message) {
	switch m.What {
	case "stopped":
		fmt.Printf("  %-7s %s\n", m.What, m.Name)
	case "ready", "done":
		fmt.Printf("  %-7s %-22s %5.1f s\n", m.What, m.Name, m.Took.Seconds())
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

	second := ""
	if url := values["GATEWAY_URL_2"]; url != "" {
		second = "\n              " + url + " is the second one: two of each service run (make up REPLICAS=1 ends that)"
	}

	fmt.Printf(`
The platform is up.
  Website     %s
  API         %[1]s/docs%s
  Admin       %s, password in %s
  Teacher     sari@shema.music gives the sample's piano lessons: invite her on the page People
  Mail        %s
  Kubernetes  kubectl --kubeconfig %s get courses,schedules
  Logs        make logs APP=booking
  More        make status · make demo · make down
`, values["GATEWAY_URL"], second, values["ADMIN_EMAIL"], short(l.EnvFile()), values["MAIL_URL"], short(l.Kubeconfig()))

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
