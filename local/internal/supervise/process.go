package supervise

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/shema-music/shema/services/kit/clock"
)

// host is what all programs of one set share.
type host struct {
	runs    string // folder of the records
	logs    string
	clock   clock.Clock
	spawner *spawner
	emit    func(Event)
}

// process is one program under supervision. Its Serve method runs it once; the
// suture supervisor above calls that again after a crash.
type process struct {
	spec Spec
	host *host

	mu      sync.Mutex
	status  Status
	started time.Time
	// exits counts the crashes since the last time the program was ready.
	exits int
	// lost tells that it is to end at once, as with its machine.
	lost      bool
	logOffset int64
	changed   chan struct{} // closed and replaced at each change
}

func newProcess(spec Spec, h *host) *process {
	return &process{
		spec:    spec,
		host:    h,
		changed: make(chan struct{}),
		status:  Status{Name: spec.Name, State: Starting},
	}
}

// String names the process in suture's reports.
func (p *process) String() string { return p.spec.Name }

// Serve runs the program until it ends or ctx does. It never returns nil: a
// program that ends by itself, even with success, is to come back.
func (p *process) Serve(ctx context.Context) error {
	cmd, err := p.launch(ctx)
	if err != nil {
		p.crashed(err)
		return err
	}

	pid := cmd.Process.Pid

	var exit error

	exited := make(chan struct{})
	go func() {
		exit = cmd.Wait()

		close(exited)
	}()

	probing, stopProbing := context.WithCancel(ctx)
	defer stopProbing()

	go p.awaitReady(probing, pid)

	select {
	case <-exited:
		killGroup(pid)

		err = fmt.Errorf("%s ended by itself: %s", p.spec.Name, reason(exit))
		p.crashed(err)

		return err
	case <-ctx.Done():
		p.end(pid, exited)
		p.update(func(s *Status) { s.State, s.PID, s.Problem = Stopped, 0, "" })
		return ctx.Err()
	}
}

func (p *process) launch(ctx context.Context) (*exec.Cmd, error) {
	log, offset, err := OpenLog(p.host.logs, p.spec.Name)
	if err != nil {
		return nil, err
	}

	defer func() { _ = log.Close() }()
	// The context must not kill: Serve ends the program gracefully.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), p.spec.Command[0], p.spec.Command[1:]...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = p.spec.Env, p.spec.Dir, log, log

	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if p.spec.Attributes != nil {
		p.spec.Attributes(cmd.SysProcAttr)
	}

	p.update(func(s *Status) { s.State = Starting })

	if err := p.host.spawner.start(cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.spec.Name, err)
	}

	record, err := NewRecord(p.spec.Name, cmd.Process.Pid, p.spec.stopSignal())
	if err == nil {
		err = record.Write(p.host.runs)
	}

	if err != nil {
		killGroup(cmd.Process.Pid)
		_ = cmd.Wait()
		return nil, err
	}

	p.update(func(s *Status) {
		s.PID, p.started = cmd.Process.Pid, p.host.clock.Now()
		if p.exits == 0 {
			p.logOffset = offset
		}
	})

	return cmd, nil
}

func (p *process) awaitReady(ctx context.Context, pid int) {
	began := p.host.clock.Now()

	report := func(err error) {
		p.update(func(s *Status) {
			if s.PID == pid {
				s.Problem = err.Error()
			}
		})
	}
	if untilReady(ctx, p.spec.Ready, report) != nil {
		return
	}

	ready := false
	p.update(func(s *Status) {
		if s.PID == pid {
			s.State, s.Problem, p.exits, ready = Ready, "", 0, true
		}
	})

	if ready {
		p.host.emit(Event{Name: p.spec.Name, What: "ready", Took: p.host.clock.Now().Sub(began)})
	}
}

// end stops the program gracefully, or after its time by force, and returns
// when it and its group are gone.
func (p *process) end(pid int, exited <-chan struct{}) {
	if p.isLost() {
		killGroup(pid)
	} else {
		_ = syscall.Kill(pid, p.spec.stopSignal())
	}

	timer := time.NewTimer(p.spec.stopWithin())
	defer timer.Stop()

	select {
	case <-exited:
		killGroup(pid)
	case <-timer.C:
		killGroup(pid)
		<-exited
	}

	_ = RemoveRecord(p.host.runs, p.spec.Name)
}

func (p *process) crashed(err error) {
	_ = RemoveRecord(p.host.runs, p.spec.Name)
	p.update(func(s *Status) {
		s.State, s.PID, s.Problem = Crashed, 0, err.Error()
		s.Restarts++
		p.exits++
	})
	p.host.emit(Event{Name: p.spec.Name, What: "exited", Err: err})
}

func (p *process) lose() {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.lost = true
}

func (p *process) isLost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.lost
}

// update changes the status under its lock and wakes those who wait for a change.
func (p *process) update(change func(*Status)) {
	p.mu.Lock()
	defer p.mu.Unlock()

	change(&p.status)
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *process) snapshot() Status {
	p.mu.Lock()
	defer p.mu.Unlock()

	status := p.status
	if status.PID != 0 {
		status.Up = p.host.clock.Now().Sub(p.started)
	}

	return status
}

// await returns when done says so, looking at each change of the status.
func (p *process) await(ctx context.Context, done func(s Status, exits int) bool) error {
	for {
		p.mu.Lock()
		status, exits, changed := p.status, p.exits, p.changed
		p.mu.Unlock()

		if done(status, exits) {
			return nil
		}

		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

func reason(exit error) string {
	if exit == nil {
		return "exit status 0"
	}

	return exit.Error()
}
