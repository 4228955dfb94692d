package auth

import (
	"context"
	"fmt"
	"sync"

	"github.com/shema-music/shema/services/contracts/errs"
)

// bell wakes all sign-ins that wait for the outcome of a guess.
type bell struct {
	mu   sync.Mutex
	rung chan struct{}
}

func newBell() *bell { return &bell{rung: make(chan struct{})} }

// next returns a channel that closes at the next ring.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()

	close(b.rung)
	b.rung = make(chan struct{})
}

// pair is what guesses are counted by.
type pair struct {
	email   EmailHash
	network string
}

// lines let one of those who want the same thing through at a time, in this process.
type lines[K comparable] struct {
	mu   sync.Mutex
	open map[K]*line
}

// line is forgotten when it is empty.
type line struct {
	head   chan struct{}
	people int
}

func newLines[K comparable]() *lines[K] { return &lines[K]{open: map[K]*line{}} }

// enter waits for one's turn, which lasts until leave is called.
func (l *lines[K]) enter(ctx context.Context, key K) (leave func(), err error) {
	mine := l.join(key)
	select {
	case mine.head <- struct{}{}:
		return func() {
			<-mine.head
			l.quit(key, mine)
		}, nil
	case <-ctx.Done():
		l.quit(key, mine)
		return nil, errs.Unavailable.Wrap(fmt.Errorf("wait for one's turn: %w", ctx.Err()))
	}
}

func (l *lines[K]) join(key K) *line {
	l.mu.Lock()
	defer l.mu.Unlock()

	mine, ok := l.open[key]
	if !ok {
		mine = &line{head: make(chan struct{}, 1)}
		l.open[key] = mine
	}

	mine.people++

	return mine
}

func (l *lines[K]) quit(key K, mine *line) {
	l.mu.Lock()
	defer l.mu.Unlock()

	if mine.people--; mine.people == 0 {
		delete(l.open, key)
	}
}
