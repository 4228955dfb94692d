package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/thejerf/suture/v4"

	"github.com/shema-music/shema/services/kit/clock"
)

// Options say where a supervisor keeps things and whom it tells.
type Options struct {
	// Runs is the folder of the records by which a later supervisor finds leftovers.
	Runs string
	// Logs is the folder of the logs, one file for each part.
	Logs string
	// Clock tells the time.
	Clock clock.Clock
	// Report is told each step; it may be called from several goroutines at once.
	Report func(Event)
}

// Supervisor keeps a set of parts running. It is made by New, and safe for concurrent use.
type Supervisor struct {
	host   *host
	root   *suture.Supervisor
	cancel context.CancelFunc
	ended  <-chan error

	applying sync.Mutex // one Apply or Close at a time

	mu    sync.Mutex
	specs []Spec // in starting order
	parts map[string]*part
}

// part is a program that has been started, whether or not it runs at the moment.
type part struct {
	process     *process
	token       suture.ServiceToken
	fingerprint string
	running     bool
}

// New makes a supervisor with nothing to do. Close it to end its programs.
func New(o Options) (*Supervisor, error) {
	for _, folder := range []string{o.Runs, o.Logs} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
	}

	ctx, cancel := context.WithCancel(context.Background())
	root := suture.New("shema", suture.Spec{EventHook: func(suture.Event) {}})

	return &Supervisor{
		host: &host{
			runs:    o.Runs,
			logs:    o.Logs,
			clock:   o.Clock,
			spawner: newSpawner(),
			emit:    o.Report,
		},
		root:   root,
		cancel: cancel,
		ended:  root.ServeBackground(ctx),
		parts:  map[string]*part{},
	}, nil
}

// Start starts the named program, if it doesn't run, and returns when it is ready.
func (s *Supervisor) Start(ctx context.Context, name string) error {
	spec, err := s.program(name)
	if err != nil {
		return err
	}

	s.launch(spec)

	return s.AwaitReady(ctx, name)
}

// Stop ends the named program gracefully and keeps it down until Start.
func (s *Supervisor) Stop(name string) error {
	spec, err := s.program(name)
	if err != nil {
		return err
	}

	return s.halt(spec)
}

// Restart stops and starts the named program and returns when it is ready.
func (s *Supervisor) Restart(ctx context.Context, name string) error {
	return errors.Join(s.Stop(name), s.Start(ctx, name))
}

// Kill ends the named program with SIGKILL, as a crash would, and returns when
// it is dead. The supervisor brings it back.
func (s *Supervisor) Kill(ctx context.Context, name string) error {
	p, err := s.running(name)
	if err != nil {
		return err
	}

	pid := p.snapshot().PID
	if pid == 0 {
		return fmt.Errorf("%s does not run at the moment", name)
	}

	killGroup(pid)

	return p.await(ctx, func(now Status, _ int) bool { return now.PID != pid })
}

// Lose ends the named program with SIGKILL, as the loss of its machine would,
// and keeps it down until Start.
func (s *Supervisor) Lose(name string) error {
	p, err := s.running(name)
	if err != nil {
		return err
	}

	p.lose()

	return s.halt(p.spec)
}

// Signal sends a signal to the named program, for example SIGSTOP to make it hang.
func (s *Supervisor) Signal(name string, sig syscall.Signal) error {
	p, err := s.running(name)
	if err != nil {
		return err
	}

	pid := p.snapshot().PID
	if pid == 0 {
		return fmt.Errorf("%s does not run at the moment", name)
	}

	if err := syscall.Kill(pid, sig); err != nil {
		return fmt.Errorf("signal %s: %w", name, err)
	}

	return nil
}

// crashesUntilFailure is how often a program may end before it was ever ready.
const crashesUntilFailure = 3

// AwaitReady returns when the named program is ready. It gives up with a
// StartError when the program keeps crashing or takes longer than it may.
func (s *Supervisor) AwaitReady(ctx context.Context, name string) error {
	p, err := s.running(name)
	if err != nil {
		return err
	}

	limited, cancel := context.WithTimeout(ctx, p.spec.startWithin())
	defer cancel()

	crashing := false

	err = p.await(limited, func(now Status, exits int) bool {
		crashing = exits >= crashesUntilFailure
		return crashing || now.State == Ready
	})
	switch {
	case crashing:
		return p.failure("keeps crashing")
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return p.failure(fmt.Sprintf("was not ready within %s", p.spec.startWithin()))
	default:
		return err
	}
}

// Status describes all programs in starting order.
func (s *Supervisor) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()

	var all []Status
	for _, spec := range s.specs {
		if spec.Command == nil {
			continue
		}

		status := Status{Name: spec.Name, State: Stopped}
		if part, started := s.parts[spec.Name]; started {
			status = part.process.snapshot()
		}

		all = append(all, status)
	}

	return all
}

func (s *Supervisor) program(name string) (Spec, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	for _, spec := range s.specs {
		if spec.Name == name && spec.Command != nil {
			return spec, nil
		}
	}

	return Spec{}, fmt.Errorf("there is no program %q here", name)
}

func (s *Supervisor) running(name string) (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	part, ok := s.parts[name]
	if !ok || !part.running {
		return nil, fmt.Errorf("%s has not been started", name)
	}

	return part.process, nil
}

// launch puts the program under supervision unless it already is.
func (s *Supervisor) launch(spec Spec) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if part, ok := s.parts[spec.Name]; ok && part.running {
		return
	}

	p := newProcess(spec, s.host)
	keeper := suture.New(spec.Name, suture.Spec{
		EventHook:        func(suture.Event) {},
		FailureThreshold: 3,
		FailureDecay:     10,
		FailureBackoff:   2 * time.Second,
		Timeout:          spec.stopWithin() + defaultStopWithin,
	})
	keeper.Add(p)
	s.host.emit(Event{Name: spec.Name, What: "starting"})
	s.parts[spec.Name] = &part{
		process:     p,
		token:       s.root.Add(keeper),
		fingerprint: fingerprint(spec),
		running:     true,
	}
}

// halt takes the program out of supervision, which ends it.
func (s *Supervisor) halt(spec Spec) error {
	s.mu.Lock()

	part, ok := s.parts[spec.Name]
	if !ok || !part.running {
		s.mu.Unlock()
		return nil
	}

	part.running = false
	s.mu.Unlock()

	if err := s.root.RemoveAndWait(part.token, spec.stopWithin()+2*defaultStopWithin); err != nil {
		return fmt.Errorf("stop %s: %w", spec.Name, err)
	}

	part.process.update(func(now *Status) { now.State, now.PID, now.Problem = Stopped, 0, "" })
	s.host.emit(Event{Name: spec.Name, What: "stopped"})

	return nil
}
