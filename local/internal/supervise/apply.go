package supervise

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// StartError says which part did not come up, why, and what it logged last.
type StartError struct {
	Name    string
	Reason  string
	LogPath string
	LogTail string
}

// Error is one sentence followed by the last lines of the log, if any.
func (e *StartError) Error() string {
	text := fmt.Sprintf("%s %s", e.Name, e.Reason)
	if e.LogTail != "" {
		text += fmt.Sprintf("; the end of %s:\n%s", e.LogPath, e.LogTail)
	}

	return text
}

func (p *process) failure(why string) error {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.status.Problem != "" {
		why += " (" + p.status.Problem + ")"
	}

	return &StartError{
		Name:    p.spec.Name,
		Reason:  why,
		LogPath: LogPath(p.host.logs, p.spec.Name),
		LogTail: LogTail(p.host.logs, p.spec.Name, p.logOffset),
	}
}

// Apply makes the given set run: starts what doesn't, restarts what changed,
// stops what is no longer in it, and runs every task. Parts start at the same
// time as far as their needs allow. It returns when everything is ready, or
// with the first failure; what runs by then keeps running.
func (s *Supervisor) Apply(ctx context.Context, specs []Spec) error {
	s.applying.Lock()
	defer s.applying.Unlock()

	sorted, err := order(specs)
	if err != nil {
		return err
	}

	if err := s.replace(sorted); err != nil {
		return err
	}

	done := make(map[string]chan struct{}, len(sorted))
	for _, spec := range sorted {
		done[spec.Name] = make(chan struct{})
	}

	group, ctx := errgroup.WithContext(ctx)
	for _, spec := range sorted {
		group.Go(func() error {
			for _, need := range spec.Needs {
				select {
				case <-done[need]:
				case <-ctx.Done():
					return ctx.Err()
				}
			}

			if err := s.bringUp(ctx, spec); err != nil {
				return err
			}

			close(done[spec.Name])

			return nil
		})
	}

	return group.Wait()
}

// replace installs the new set and stops the programs that are not in it.
func (s *Supervisor) replace(sorted []Spec) error {
	wanted := make(map[string]bool, len(sorted))
	for _, spec := range sorted {
		wanted[spec.Name] = true
	}

	s.mu.Lock()
	old := s.specs
	s.specs = sorted
	s.mu.Unlock()

	return s.haltAll(slices.DeleteFunc(slices.Clone(old), func(spec Spec) bool { return wanted[spec.Name] }))
}

// haltAll stops the programs of the set as soon as those of the set that need them have stopped.
func (s *Supervisor) haltAll(specs []Spec) error {
	users := neededBy(specs)

	stopped := make(map[string]chan struct{}, len(specs))
	for _, spec := range specs {
		stopped[spec.Name] = make(chan struct{})
	}

	failures := make([]error, len(specs))

	var all sync.WaitGroup
	for i, spec := range specs {
		all.Go(func() {
			defer close(stopped[spec.Name])

			for _, user := range users[spec.Name] {
				<-stopped[user]
			}

			failures[i] = s.halt(spec)
		})
	}

	all.Wait()

	return errors.Join(failures...)
}

func (s *Supervisor) bringUp(ctx context.Context, spec Spec) error {
	if spec.Command == nil {
		return s.runTask(ctx, spec)
	}

	s.mu.Lock()
	part, known := s.parts[spec.Name]
	changed := known && part.running && part.fingerprint != fingerprint(spec)
	s.mu.Unlock()

	if changed {
		if err := s.halt(spec); err != nil {
			return err
		}
	}

	s.launch(spec)

	return s.AwaitReady(ctx, spec.Name)
}

func (s *Supervisor) runTask(ctx context.Context, spec Spec) error {
	began := s.host.clock.Now()
	s.host.emit(Event{Name: spec.Name, What: "starting"})

	ctx, cancel := context.WithTimeout(ctx, spec.startWithin())
	defer cancel()

	if err := spec.Task(ctx); err != nil {
		return fmt.Errorf("%s failed: %w", spec.Name, err)
	}

	s.host.emit(Event{Name: spec.Name, What: "done", Took: s.host.clock.Now().Sub(began)})

	return nil
}

// Close stops everything, users before what they need, and ends the supervisor.
func (s *Supervisor) Close() error {
	s.applying.Lock()
	defer s.applying.Unlock()

	s.mu.Lock()
	specs := s.specs
	s.mu.Unlock()
	failure := s.haltAll(specs)
	s.cancel()
	ended := <-s.ended
	s.host.spawner.close()

	if !errors.Is(ended, context.Canceled) {
		return errors.Join(failure, ended)
	}

	return failure
}

// fingerprint changes when the program must be restarted to be up to date.
func fingerprint(spec Spec) string {
	sum := sha256.New()

	_, _ = fmt.Fprintf(sum, "%q %q %q", spec.Command, spec.Env, spec.Dir)
	for _, root := range append([]string{spec.Command[0]}, spec.Watch...) {
		_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return nil //nolint:nilerr // a file that is not there is a fingerprint too
			}

			if info, err := entry.Info(); err == nil && !entry.IsDir() {
				_, _ = fmt.Fprintln(sum, path, info.Size(), info.ModTime().UnixNano())
			}

			return nil
		})
	}

	return hex.EncodeToString(sum.Sum(nil))
}
