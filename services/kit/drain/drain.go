// Package drain works rows that are due, batch by batch: the loop behind tables whose rows leave once they have been
// worked. Every replica runs it; the statement that takes rows leaves those to the others that they have in hand.
package drain

import (
	"context"
	"time"
)

// Signal remembers that something has happened until it is looked at.
type Signal chan struct{}

// NewSignal returns one that is not set.
func NewSignal() Signal { return make(Signal, 1) }

// Set never waits.
func (s Signal) Set() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// Loop says how rows are worked. It needs Due, AtOnce, Poll and Failed.
type Loop struct {
	// Due works what is due, AtOnce rows at most, and returns how many it has found.
	Due    func(ctx context.Context) (int, error)
	AtOnce int
	// Gather is the least time between two batches, unless one was full: the first row is worked at once, those behind it
	// together.
	Gather time.Duration
	// Poll is how often it is looked for rows of which Wake does not tell.
	Poll time.Duration
	Wake Signal
	// Failed is told of an error of Due, which is called again after Poll.
	Failed func(ctx context.Context, err error)
}

// Run works what is due until the context ends.
func (l *Loop) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := l.Due(ctx)

		switch {
		case err != nil && ctx.Err() == nil:
			l.Failed(ctx, err)
			Sleep(ctx, l.Poll)
		case n < l.AtOnce:
			Sleep(ctx, l.Gather)
			l.await(ctx)
		}
	}
}

// await returns when there may be something to do.
func (l *Loop) await(ctx context.Context) {
	poll := time.NewTimer(l.Poll)
	defer poll.Stop()

	select {
	case <-ctx.Done():
	case <-l.Wake:
	case <-poll.C:
	}
}

// Sleep ends with the context at the latest.
func Sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
