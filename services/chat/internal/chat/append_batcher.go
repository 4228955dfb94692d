package chat

import (
	"context"
	"slices"
	"sync"
)

const (
	// appendLanes is how many transactions write messages at once. Those of one session always take the same lane, so
	// that they are delivered in their order; more lanes would only wait for the same processors.
	appendLanes = 2
	// appendBatch is how many messages one transaction writes.
	appendBatch = 256
)

// appendBatcher writes messages. One that comes while its lane is free is written at once and waits for nothing; those
// that come while the lane writes are written together by the next transaction: the further the store is behind, the
// less each of them costs. Drafts of a session are written in the order in which they came. There are goroutines only
// while there is something to write.
type appendBatcher struct {
	lanes [appendLanes]appendLane
}

func newAppendBatcher(appendAll func(ctx context.Context, drafts []*Draft) ([]Appended, error)) *appendBatcher {
	b := &appendBatcher{}
	for i := range b.lanes {
		b.lanes[i].append = appendAll
	}

	return b
}

// submit returns what has become of the draft. If the context ends first, that is unknown.
func (b *appendBatcher) submit(ctx context.Context, draft *Draft) Appended {
	id := draft.SessionID
	return b.lanes[int(id[len(id)-1])%appendLanes].submit(ctx, draft)
}

// appendLane has one transaction on its way at a time.
type appendLane struct {
	append func(ctx context.Context, drafts []*Draft) ([]Appended, error)

	mu      sync.Mutex
	waiting []*pendingDraft
	busy    bool
}

type pendingDraft struct {
	draft *Draft
	done  chan Appended
	// gone is closed when the sender has given up: it sends the message again.
	gone <-chan struct{}
}

func (l *appendLane) submit(ctx context.Context, draft *Draft) Appended {
	p := &pendingDraft{draft: draft, done: make(chan Appended, 1), gone: ctx.Done()}
	l.add(p) //nolint:contextcheck // others may wait for the same batch: it ends with none of their contexts

	select {
	case result := <-p.done:
		return result
	case <-ctx.Done():
		return Appended{Err: ctx.Err()}
	}
}

func (l *appendLane) add(p *pendingDraft) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.waiting = append(l.waiting, p)
	if !l.busy {
		l.busy = true
		go l.work()
	}
}

// work writes until nothing waits any more.
func (l *appendLane) work() {
	for {
		batch := l.next()
		if len(batch) == 0 {
			return
		}

		l.write(batch)
	}
}

// next returns who is next. Those who have given up are left out: a lane that is behind must not fall further behind by
// writing what no caller waits for.
func (l *appendLane) next() []*pendingDraft {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.waiting = slices.DeleteFunc(l.waiting, (*pendingDraft).hasGone)
	batch := l.waiting[:min(len(l.waiting), appendBatch)]

	l.waiting = l.waiting[len(batch):]
	if len(batch) == 0 {
		l.busy, l.waiting = false, nil
	}

	return batch
}

func (p *pendingDraft) hasGone() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

func (l *appendLane) write(batch []*pendingDraft) {
	ctx, cancel := context.WithTimeout(context.Background(), sendTimeout)
	defer cancel()

	drafts := make([]*Draft, len(batch))
	for i, p := range batch {
		drafts[i] = p.draft
	}

	results, err := l.append(ctx, drafts)
	for i, p := range batch {
		if err != nil {
			p.done <- Appended{Err: err}
			continue
		}

		p.done <- results[i]
	}
}
