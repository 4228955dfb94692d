package supervise

import (
	"context"
	"os"
	"syscall"
	"time"
)

// Probe tells whether a program can do its work: nil when it can, and otherwise
// the reason why it cannot yet.
type Probe func(ctx context.Context) error

// Spec describes one part of the platform. It is either a program, which runs
// until it is stopped (Command), or a task, which runs to its end each time the
// set is applied (Task).
type Spec struct {
	// Name is unique in its set and names the log file.
	Name string
	// Needs lists the parts that must be ready, or done, before this one starts.
	Needs []string

	// Task does a job once, such as a migration.
	Task func(ctx context.Context) error

	// Command is the program and its arguments. Env is its whole environment.
	Command []string
	Env     []string
	Dir     string
	// Ready holds the probes that must all succeed once before the program counts as ready.
	Ready []Probe
	// Watch lists files and folders; when one changes, the next Apply restarts the program.
	Watch []string
	// Attributes, when set, changes how the program is started, for example as whom.
	Attributes func(attr *syscall.SysProcAttr)
	// StopSignal asks for a graceful end (SIGTERM when zero).
	StopSignal syscall.Signal
	// StopWithin is how long a graceful end may take before SIGKILL (10 s when zero).
	StopWithin time.Duration
	// StartWithin is how long the part may take to become ready (60 s when zero).
	StartWithin time.Duration
}

const (
	defaultStopWithin  = 10 * time.Second
	defaultStartWithin = 60 * time.Second
)

func (s Spec) stopSignal() syscall.Signal {
	if s.StopSignal == 0 {
		return syscall.SIGTERM
	}

	return s.StopSignal
}

func (s Spec) stopWithin() time.Duration {
	if s.StopWithin == 0 {
		return defaultStopWithin
	}

	return s.StopWithin
}

func (s Spec) startWithin() time.Duration {
	if s.StartWithin == 0 {
		return defaultStartWithin
	}

	return s.StartWithin
}

// Event reports one step of a part's life: "starting", "ready", "done",
// "stopped", "exited" or "failed".
type Event struct {
	Name string
	What string
	Took time.Duration
	Err  error
}

// State says where in its life a program is.
type State string

// The states of a program.
const (
	Stopped  State = "stopped"
	Starting State = "starting"
	Ready    State = "ready"
	Crashed  State = "crashed"
)

// Status is what can be told about one program from outside.
type Status struct {
	Name     string        `json:"name"`
	State    State         `json:"state"`
	PID      int           `json:"pid,omitempty"`
	Up       time.Duration `json:"up,omitempty"`
	Restarts int           `json:"restarts"`
	// Problem is the last probe's or exit's message while the program isn't ready.
	Problem string `json:"problem,omitempty"`
}

// logMode keeps logs readable for their owner only: they may name people.
const logMode os.FileMode = 0o600
