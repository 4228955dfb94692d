package chat

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// deskPace is how long after the beginning of a transaction the next one begins at the earliest. Transactions at once
	// would not be quicker: measured with 500 messages a second, they only took each other's time.
	deskPace = 25 * time.Millisecond
	// deskBatch is how many messages one transaction writes.
	deskBatch = 256
)

// desk is where drafts wait for being written. It writes messages together that come shortly after each other: the
// busier it is, the less each of them costs. A message that comes alone waits for nobody. Drafts are handed on in the
// order in which they came. It has a goroutine only while there are any.
type desk struct {
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
	return &desk{append: appendAll}
}

// submit returns what has become of the draft. If the context ends first, nobody knows.
func (d *desk) submit(ctx context.Context, draft *Draft) Appended {
	w := &waiter{draft: draft, done: make(chan Appended, 1), gone: ctx.Done()}
	d.add(w)

	select {
	case result := <-w.done:
		return result
	case <-ctx.Done():
		return Appended{Err: ctx.Err()}
	}
}

func (d *desk) add(w *waiter) {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.waiting = append(d.waiting, w)
	if !d.busy {
		d.busy = true
		go d.work()
	}
}

// work writes until nothing waits any more.
func (d *desk) work() {
	for {
		next := time.NewTimer(deskPace)

		batch := d.take()
		if len(batch) == 0 {
			next.Stop()
			return
		}

		d.write(batch)
		<-next.C
	}
}

// take returns who is next. Those who have given up are left out: whoever is behind must not fall further behind by
// writing what nobody waits for.
func (d *desk) take() []*waiter {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.waiting = slices.DeleteFunc(d.waiting, (*waiter).hasGone)
	batch := d.waiting[:min(len(d.waiting), deskBatch)]

	d.waiting = d.waiting[len(batch):]
	if len(batch) == 0 {
		d.busy, d.waiting = false, nil
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

func (d *desk) write(batch []*waiter) {
	ctx, cancel := context.WithTimeout(context.Background(), sendTimeout)
	defer cancel()

	drafts := make([]*Draft, len(batch))
	for i, w := range batch {
		drafts[i] = w.draft
	}

	results, err := d.append(ctx, drafts)
	for i, w := range batch {
		if err != nil {
			w.done <- Appended{Err: err}
			continue
		}

		w.done <- results[i]
	}
}
