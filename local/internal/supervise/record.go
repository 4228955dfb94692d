package supervise

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Record is what is kept on disk about a running program. A process id alone
// proves nothing after a crash or a reboot, so the record also holds when that
// process was born; Alive compares both.
type Record struct {
	Name       string         `json:"name"`
	PID        int            `json:"pid"`
	Birth      string         `json:"birth"`
	StopSignal syscall.Signal `json:"stop_signal"`
}

// NewRecord describes the running process pid.
func NewRecord(name string, pid int, stop syscall.Signal) (Record, error) {
	birth, err := birth(pid)
	if err != nil {
		return Record{}, fmt.Errorf("find out when process %d began: %w", pid, err)
	}

	return Record{
		Name:       name,
		PID:        pid,
		Birth:      birth,
		StopSignal: stop,
	}, nil
}

// Alive tells whether the recorded process still runs: the very same one, not
// another that was given its number.
func (r Record) Alive() bool {
	now, err := birth(r.PID)
	return err == nil && now == r.Birth
}

// Write keeps the record in folder until Remove.
func (r Record) Write(folder string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode record of %s: %w", r.Name, err)
	}

	if err := os.WriteFile(recordPath(folder, r.Name), data, 0o600); err != nil {
		return fmt.Errorf("keep record of %s: %w", r.Name, err)
	}

	return nil
}

// ReadRecord returns the record of the named program; ok is false when there is
// none or it can't be read.
func ReadRecord(folder, name string) (record Record, ok bool) {
	data, err := os.ReadFile(recordPath(folder, name))
	if err != nil {
		return Record{}, false
	}

	if err := json.Unmarshal(data, &record); err != nil {
		return Record{}, false
	}

	return record, true
}

// RemoveRecord forgets the named program.
func RemoveRecord(folder, name string) error {
	err := os.Remove(recordPath(folder, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove record of %s: %w", name, err)
	}

	return nil
}

func recordPath(folder, name string) string { return filepath.Join(folder, name+".json") }

// Reap ends the programs that a supervisor which died without stopping them has
// left behind, and forgets all records. It returns the names of those it ended.
func Reap(folder string) ([]string, error) {
	paths, err := filepath.Glob(recordPath(folder, "*"))
	if err != nil {
		return nil, fmt.Errorf("list records: %w", err)
	}

	var (
		ended    []string
		failures []error
	)
	for _, path := range paths {
		name := filepath.Base(path[:len(path)-len(".json")])
		if record, ok := ReadRecord(folder, name); ok && record.Alive() {
			failures = append(failures, record.End(defaultStopWithin))
			ended = append(ended, name)
		}

		failures = append(failures, RemoveRecord(folder, name))
	}

	return ended, errors.Join(failures...)
}

// End stops the recorded process with its group: gracefully first, with SIGKILL
// when that takes longer than within. It returns when the process is gone.
func (r Record) End(within time.Duration) error {
	if r.gone(r.StopSignal, within) || r.gone(syscall.SIGKILL, defaultStopWithin) {
		return nil
	}

	return fmt.Errorf("process %d (%s) does not end", r.PID, r.Name)
}

func (r Record) gone(sig syscall.Signal, within time.Duration) bool {
	if sig == syscall.SIGKILL {
		killGroup(r.PID)
	} else {
		_ = syscall.Kill(r.PID, sig)
	}

	timeout := time.NewTimer(within)
	defer timeout.Stop()

	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()

	for r.Alive() {
		select {
		case <-timeout.C:
			return false
		case <-ticker.C:
		}
	}

	return true
}

// killGroup ends the process group that pid leads: the program and whatever it
// started. A group that is already gone is no error.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
