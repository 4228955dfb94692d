package batch

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Result is what has come of one task.
type Result[A any] struct {
	Answer A
	Err    error
}

// Group does together what is wanted at the same time. The first task begins at once; those that come while it is
// under way begin together when it has ended, or when it has taken longer than the patience: work that hangs holds up
// no caller for long. It is made by NewGroup, and safe for concurrent use.
type Group[T, A any] struct {
	do       func(ctx context.Context, tasks []T) []Result[A]
	most     int
	patience time.Duration

	mu      sync.Mutex
	waiting []*task[T, A]
	busy    bool
}

type task[T, A any] struct {
	of     T
	ctx    context.Context
	done   chan struct{}
	result Result[A]
}

// NewGroup returns a group. Do gets at most that many tasks and returns a result for each, in their order. Its context has
// the values of the first task's caller, and ends when the last caller's time is over: a caller with less time left takes none
// from the others.
func NewGroup[T, A any](do func(ctx context.Context, tasks []T) []Result[A], most int, patience time.Duration) *Group[T, A] {
	return &Group[T, A]{do: do, most: most, patience: patience}
}

// Do returns what has come of the task, in work that began after the call. When ctx ends it returns without an answer: the
// work may go on.
func (g *Group[T, A]) Do(ctx context.Context, of T) (A, error) {
	return g.add(ctx, of).await(ctx)
}

// add has the task done for as long as ctx lasts.
func (g *Group[T, A]) add(ctx context.Context, of T) *task[T, A] {
	t := &task[T, A]{of: of, ctx: ctx, done: make(chan struct{})}

	g.mu.Lock()
	defer g.mu.Unlock()

	g.waiting = append(g.waiting, t)
	if !g.busy {
		g.busy = true
		go g.work()
	}

	return t
}

func (t *task[T, A]) await(ctx context.Context) (A, error) {
	select {
	case <-t.done:
		return t.result.Answer, t.result.Err
	case <-ctx.Done():
		var none A
		return none, ctx.Err()
	}
}

// work does what waits until there is nothing any more, or another goroutine has taken over.
func (g *Group[T, A]) work() {
	for tasks := g.take(); len(tasks) > 0; tasks = g.take() {
		successor := time.AfterFunc(g.patience, g.work)

		results := g.results(tasks)
		for i, t := range tasks {
			t.result = results[i]
			close(t.done)
		}

		if !successor.Stop() {
			return
		}
	}
}

// take returns the tasks whose turn it is, without those whose callers have left. With none the next caller begins anew.
func (g *Group[T, A]) take() []*task[T, A] {
	g.mu.Lock()
	defer g.mu.Unlock()

	var tasks []*task[T, A]
	for len(g.waiting) > 0 && len(tasks) < g.most {
		if t := g.waiting[0]; t.ctx.Err() == nil {
			tasks = append(tasks, t)
		}

		g.waiting = g.waiting[1:]
	}

	g.busy = len(tasks) > 0

	return tasks
}

// results turns a panic into an error: the callers' handlers recover from their own, and this goroutine has no
// handler above it that would.
func (g *Group[T, A]) results(tasks []*task[T, A]) (results []Result[A]) {
	defer func() {
		if reason := recover(); reason != nil {
			results = Fail[A](len(tasks), fmt.Errorf("panic: %v", reason))
		}
	}()

	of := make([]T, len(tasks))
	for i, t := range tasks {
		of[i] = t.of
	}

	ctx, cancel := untilLast(tasks)
	defer cancel()

	return g.do(ctx, of)
}

func untilLast[T, A any](tasks []*task[T, A]) (context.Context, context.CancelFunc) {
	ctx := context.WithoutCancel(tasks[0].ctx)

	var last time.Time

	for _, t := range tasks {
		deadline, ok := t.ctx.Deadline()
		if !ok {
			return ctx, func() {}
		}

		if deadline.After(last) {
			last = deadline
		}
	}

	return context.WithDeadline(ctx, last)
}

// Fail returns the error as the result of each of n tasks.
func Fail[A any](n int, err error) []Result[A] {
	results := make([]Result[A], n)
	for i := range results {
		results[i].Err = err
	}

	return results
}

// Each returns the results of doing every task by itself, at the same time.
func Each[T, A any](tasks []T, do func(T) (A, error)) []Result[A] {
	results := make([]Result[A], len(tasks))

	var all sync.WaitGroup
	for i, of := range tasks {
		all.Go(func() { results[i].Answer, results[i].Err = do(of) })
	}

	all.Wait()

	return results
}
