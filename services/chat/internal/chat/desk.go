package chat

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// deskLines is how many transactions write messages at once. A session always stands in the same line, so that its
	// messages are handed on in their order.
	deskLines = 2
	// deskPace is how long after the beginning of a transaction the same line begins the next one at the earliest.
	deskPace = 10 * time.Millisecond
	// deskBatch is how many messages one transaction writes.
	deskBatch = 256
)

// desk writes messages together that come shortly after each other: the busier it is, the less each of them costs. A
// message that comes alone waits for nobody.
type desk struct {
	lines [deskLines]line
}

// line is where drafts wait. It has a goroutine only while there are any.
type line struct {
	append func(ctx context.Context, drafts []*Draft) ([]Appended, error)

	mu      sync.Mutex
	waiting []*waiter
	busy    bool
}

type waiter struct {
	draft *Draft
	done  chan Appended
	// gone is closed when the sender has given up: it sends the message again.
	gone <-chan struct{}
}

func newDesk(appendAll func(ctx context.Context, drafts []*Draft) ([]Appended, error)) *desk {
	d := &desk{}
	for i := range d.lines {
		d.lines[i].append = appendAll
	}
	return d
}

// submit returns what has become of the draft. If the context ends first, nobody knows.
func (d *desk) submit(ctx context.Context, draft *Draft) Appended {
	w := &waiter{draft: draft, done: make(chan Appended, 1), gone: ctx.Done()}
	d.lines[draft.SessionID[len(draft.SessionID)-1]%deskLines].add(w)
	select {
	case result := <-w.done:
		return result
	case <-ctx.Done():
		return Appended{Err: ctx.Err()}
	}
}

func (l *line) add(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, w)
	if !l.busy {
		l.busy = true
		go l.work()
	}
}

// work writes until nothing waits any more.
func (l *line) work() {
	for {
		next := time.NewTimer(deskPace)
		batch := l.take()
		if len(batch) == 0 {
			next.Stop()
			return
		}
		l.write(batch)
		<-next.C
	}
}

// take returns who is next. Those who have given up are left out: whoever is behind must not fall further behind by
// writing what nobody waits for.
func (l *line) take() []*waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = slices.DeleteFunc(l.waiting, (*waiter).hasGone)
	batch := l.waiting[:min(len(l.waiting), deskBatch)]
	l.waiting = l.waiting[len(batch):]
	if len(batch) == 0 {
		l.busy, l.waiting = false, nil
	}
	return batch
}

func (w *waiter) hasGone() bool {
	select {
	case <-w.gone:
		return true
	default:
		return false
	}
}

func (l *line) write(batch []*waiter) {
	ctx, cancel := context.WithTimeout(context.Background(), sendTimeout)
	defer cancel()
	drafts := make([]*Draft, len(batch))
	for i, w := range batch {
		drafts[i] = w.draft
	}
	results, err := l.append(ctx, drafts)
	for i, w := range batch {
		if err != nil {
			w.done <- Appended{Err: err}
			continue
		}
		w.done <- results[i]
	}
}
