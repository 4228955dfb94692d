// Command demo plays the story of the platform through its gateway: a student registers, an admin publishes a course
// with kubectl, it is recommended to the student, who books it, the admin decides, the teacher sees it, the student moves it,
// the two chat, and the lesson of today takes place. It exits with 0 only if every step did what it should.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// limit ends a demo that hangs. For up to two minutes it waits until the lesson of today begins.
const limit = 5 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, limit)
	err := run(ctx)

	cancel()
	stop()

	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	s, err := readSettings()
	if err != nil {
		return err
	}

	d, err := newDemo(s, &console{out: os.Stdout})
	if err != nil {
		return err
	}

	return d.play(ctx)
}

// chapter is a part of the story.
type chapter struct {
	title string
	steps []step
}

// step is one thing that a person does and that must have the effect which its title promises.
type step struct {
	title string
	run   func(ctx context.Context) error
}

// chapters are in the order of the story.
func (d *demo) chapters() []chapter {
	return []chapter{
		{"A student arrives", d.arrival()},
		{"A teacher joins", d.teachers()},
		{"The school publishes a course", d.publication()},
		{"The school finds something for her", d.recommendations()},
		{"The student asks for a lesson", d.booking()},
		{"The school decides", d.decision()},
		{"The teacher looks at the week", d.week()},
		{"The student needs another time", d.moving()},
		{"The student has a question", d.chat()},
		{"A question at night", d.night()},
		{"The student finds the way back in", d.wayBack()},
		{"Other endings", d.endings()},
		{"The lesson of today", d.lessonDay()},
		{"A student loses access", d.suspension()},
	}
}

func (d *demo) play(ctx context.Context) (err error) {
	started := time.Now()

	d.console.title("Shema Music at " + d.settings.gateway)
	defer func() {
		// Also after Ctrl-C, and with time of its own.
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()

		d.console.chapter("Tidying up")

		if failure := d.try(clean, step{"The courses, their bookings and the chats are gone", d.tidy}); err == nil {
			err = failure
		}

		d.console.end(err, time.Since(started))
	}()

	for _, c := range d.chapters() {
		d.console.chapter(c.title)

		for _, s := range c.steps {
			if err := d.try(ctx, s); err != nil {
				return err
			}
		}
	}

	return nil
}

func (d *demo) try(ctx context.Context, s step) error {
	started := time.Now()
	err := s.run(ctx)
	d.console.step(s.title, time.Since(started), err)

	if err != nil {
		return fmt.Errorf("the demo failed at %q: %w", s.title, err)
	}

	return nil
}
