package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/outbox"
)

// Part is something that lives as long as the service: it is started before the first request, and stopped after the
// last one. Parts are stopped in the reverse order of their registration.
type Part struct {
	// Name is how the log calls the part.
	Name string
	// Start returns at once; what goes on must not end with ctx but with Stop.
	Start func(ctx context.Context)
	// Stop returns when the part has ended, at the latest with ctx.
	Stop func(ctx context.Context) error
}

// Add registers a part.
func (s *Service) Add(p Part) { s.parts = append(s.parts, p) }

// Go registers a loop: run goes on until its context ends, which is when the service stops, and is waited for.
func (s *Service) Go(name string, run func(ctx context.Context)) {
	var (
		cancel context.CancelFunc
		ended  = make(chan struct{})
	)

	s.Add(Part{
		Name: name,
		Start: func(ctx context.Context) {
			ctx, cancel = context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // Stop calls it

			go func() {
				defer close(ended)

				run(ctx)
			}()
		},
		Stop: func(ctx context.Context) error {
			cancel()

			select {
			case <-ended:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		},
	})
}

// Every registers a job that runs again and again in every replica, first after one interval. An error is logged, and
// the job runs again after the next interval.
func (s *Service) Every(name string, interval time.Duration, job func(ctx context.Context) error) {
	s.Go(name, func(ctx context.Context) {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()

		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}

			if err := job(ctx); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "a regular job failed", "job", name, "error", err)
			}
		}
	})
}

// Inbox takes in the service's events. The first call opens it.
func (s *Service) Inbox() *inbox.Inbox {
	if s.inbox == nil {
		s.inbox = inbox.New(inbox.Options{
			Pool:   s.Pool,
			Schema: s.Schema,
			Log:    s.Log,
			Router: s.Server,
		})
		s.Server.Registry().MustRegister(s.inbox)
	}

	return s.inbox
}

// Cron runs a job whenever its Dapr binding ticks.
func (s *Service) Cron(t inbox.Timer) { inbox.Cron(s.Server, s.Log, t) }

// Work publishes the events that Events has put in, and works the service's own jobs, if workers is not nil.
func (s *Service) Work(workers func(*river.Workers)) error {
	jobs, err := outbox.New(outbox.Options{
		Pool:     s.Pool,
		Schema:   s.Schema,
		Log:      s.Log,
		Events:   s.Events,
		Listens:  s.Listens,
		Publish:  s.Sidecar.PublishAll,
		Register: workers,
	})
	if err != nil {
		return err
	}

	s.Add(Part{Name: "outbox", Start: jobs.Start, Stop: jobs.Stop})

	return s.Server.Registry().Register(jobs)
}

// run starts the parts, serves until the context ends, and ends the parts in reverse order. One that does not end in
// time does not keep the others from ending.
func (s *Service) run(ctx context.Context) error {
	if s.Server == nil {
		return errors.New("the program has neither a Spec nor a server of its own")
	}

	for _, p := range s.parts {
		p.Start(ctx)
	}

	served := s.Server.Run(ctx)

	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Common.ShutdownTimeout)
	defer cancel()

	for _, p := range slices.Backward(s.parts) {
		if err := p.Stop(stopping); err != nil {
			s.Log.WarnContext(ctx, "a part did not end in time", "part", p.Name, "error", err)
		}
	}

	return served
}
