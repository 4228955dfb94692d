package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"text/template"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

const (
	// slotCount is the number of slots in course.yaml.
	slotCount = 4
	// promise is how soon the API shows what kubectl has applied, and visible how long the demo looks before it gives up.
	promise = 2 * time.Second
	visible = 10 * time.Second
)

//go:embed course.yaml
var manifest string

func (d *demo) publication() []step {
	return []step{
		{"A course with a bad level is refused by the API server, with the way out", d.applyNonsense},
		{"A course with four slots, and one with a lesson in two minutes, are applied with kubectl, and soon all visitors see them", d.apply},
		{"kubectl shows both resources as ready", d.ready},
	}
}

func (d *demo) applyNonsense(ctx context.Context) error {
	text, err := d.render()
	if err != nil {
		return err
	}

	said, err := d.kubectl(ctx, strings.Replace(text, "level: beginner", "level: godlike", 1), "apply", "-f", "-")
	if err == nil {
		d.applied = true
		return errors.New("the API server took a course for gods")
	}

	if !strings.Contains(said, "spec.level") || !strings.Contains(said, "intermediate") {
		return fmt.Errorf("the message names neither the field nor the way out (%w): %s", err, said)
	}

	return nil
}

func (d *demo) apply(ctx context.Context) error {
	text, err := d.render()
	if err != nil {
		return err
	}

	began := time.Now()

	d.applied = true
	if said, err := d.kubectl(ctx, text, "apply", "-f", "-"); err != nil {
		return fmt.Errorf("kubectl apply: %w: %s", err, said)
	}

	took, err := until(ctx, visible, d.seeSlots)
	if err != nil {
		return err
	}

	d.console.notef("visible %s after kubectl was done (%s after it began)", milliseconds(took), milliseconds(time.Since(began)))

	if took > promise {
		return fmt.Errorf("that took longer than %s", promise)
	}

	return nil
}

// seeSlots looks at the course and its slots as any visitor can.
func (d *demo) seeSlots() error {
	if err := got(d.visitor.Get("/api/courses/"+d.name), http.StatusOK, &d.course); err != nil {
		return err
	}

	slots, err := d.free()
	if err != nil {
		return err
	}

	if len(slots) != slotCount {
		return fmt.Errorf("%d of %d slots are visible", len(slots), slotCount)
	}

	d.slots = slots

	return nil
}

func (d *demo) ready(ctx context.Context) error {
	for _, kind := range []string{"course/", "schedule/"} {
		said, err := d.kubectl(ctx, "", "wait", "--for=condition=Ready", "--timeout=10s", kind+d.name)
		if err != nil {
			return fmt.Errorf("kubectl wait: %w: %s", err, said)
		}
	}

	table, err := d.kubectl(ctx, "", "get", "schedule", d.name)
	for line := range strings.Lines(table) {
		d.console.notef("%s", strings.TrimSpace(line))
	}

	return err
}

// free returns the available slots of the demo's course.
func (d *demo) free() ([]client.Slot, error) {
	var page client.Page[client.Slot]

	err := got(d.visitor.Get("/api/schedules/available?course_id="+d.course.ID), http.StatusOK, &page)

	return page.Items, err
}

func (d *demo) render() (string, error) {
	const daysAhead = 14

	var text bytes.Buffer

	// Slots begin at whole minutes. There has to be time to confirm the first one, and a minute for the timer that reminds.
	const (
		minute = "2006-01-02T15:04"
		lead   = 150 * time.Second
		apart  = 4 * time.Hour
	)

	soon := time.Now().UTC().Add(lead).Truncate(time.Minute)
	values := map[string]string{
		"Name":    d.name,
		"Teacher": d.emails[d.teacher],
		"Day":     time.Now().AddDate(0, 0, daysAhead).Format(time.DateOnly),
		"Soon":    soon.Format(minute),
		"Later":   soon.Add(apart).Format(minute),
	}
	err := template.Must(template.New("course").Parse(manifest)).Execute(&text, values)

	return text.String(), err
}

// kubectl runs a command with input, and returns what it said on both outputs.
func (d *demo) kubectl(ctx context.Context, input string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, d.settings.kubectl, append(arguments, "--namespace", "default")...)
	command.Env = append(os.Environ(), "KUBECONFIG="+d.settings.kubeconfig)
	command.Stdin = strings.NewReader(input)
	said, err := command.CombinedOutput()

	return strings.TrimSpace(string(said)), err
}
