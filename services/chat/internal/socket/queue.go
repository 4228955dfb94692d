package socket

import (
	"errors"
	"sync"

	"github.com/shema-music/shema/services/chat/internal/hub"
)

var (
	errClosing = errors.New("the socket is closing")
	errTooSlow = errors.New("the socket's reader is too slow")
)

// queue holds the frames that wait for the network, at most limit bytes of them. It is safe for concurrent use.
type queue struct {
	limit int
	// write starts a goroutine that writes until next has nothing for it. There is at most one at a time, and none while
	// nothing waits: thousands of idle sockets would pay for it.
	write func()
	// room is signalled when there is room again.
	room chan struct{}
	// done is closed when nothing is written any more.
	done chan struct{}

	mu     sync.Mutex
	frames [][]byte
	bytes  int
	// writing: there is a writer.
	writing bool
	// busy: the reader handles a frame, and its answer must not be cut off by an ending.
	busy   bool
	ending *hub.Disconnect
	closed bool
}

func newQueue(limit int, write func()) *queue {
	return &queue{
		limit: limit,
		write: write,
		room:  make(chan struct{}, 1),
		done:  make(chan struct{}),
	}
}

// wake makes sure that a goroutine writes what there is to write.
func (q *queue) wake() {
	if !q.writing && !q.closed {
		q.writing = true
		go q.write()
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is signalled already
	}
}

// offer queues what others have to say. It returns errTooSlow if there is no room.
func (q *queue) offer(frame []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()

	if q.closed || q.ending != nil {
		return nil
	}

	if q.bytes+len(frame) > q.limit {
		return errTooSlow
	}

	q.push(frame)

	return nil
}

// answer queues what the socket's own reader has to say, also while the socket is about to end.
func (q *queue) answer(frame []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()

	if q.closed {
		return nil
	}

	if q.bytes+len(frame) > q.limit {
		return errTooSlow
	}

	q.push(frame)

	return nil
}

// wait queues a frame when the queue is at most half full, so that live messages have room too.
func (q *queue) wait(frame []byte) error {
	for {
		queued, err := q.tryHalf(frame)
		if queued || err != nil {
			return err
		}

		select {
		case <-q.room:
		case <-q.done:
			return errClosing
		}
	}
}

func (q *queue) tryHalf(frame []byte) (queued bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()

	switch {
	case q.closed || q.ending != nil:
		return false, errClosing
	case q.bytes > 0 && q.bytes+len(frame) > q.limit/2:
		return false, nil
	}

	q.push(frame)

	return true, nil
}

func (q *queue) push(frame []byte) {
	q.frames = append(q.frames, frame)
	q.bytes += len(frame)
	q.wake()
}

// next returns the writer's next frame, or how to end when there is none, or nothing: then the writer has to go. The
// frame counts until written is called.
func (q *queue) next() (frame []byte, end *hub.Disconnect) {
	q.mu.Lock()
	defer q.mu.Unlock()

	if len(q.frames) > 0 {
		return q.frames[0], nil
	}

	q.frames = nil // an idle socket holds nothing
	if q.ending != nil && !q.busy {
		return nil, q.ending
	}

	q.writing = false

	return nil, nil
}

func (q *queue) written(frame []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()

	if len(q.frames) > 0 && &q.frames[0][0] == &frame[0] { // unless it was dropped meanwhile
		q.frames[0] = nil
		q.frames = q.frames[1:]
		q.bytes -= len(frame)
	}

	if q.bytes <= q.limit/2 {
		signal(q.room)
	}
}

// end makes the socket end when everything is written, or at once with what is queued dropped. The first ending counts.
func (q *queue) end(d hub.Disconnect) (first bool) {
	q.mu.Lock()
	defer q.mu.Unlock()

	if q.ending != nil || q.closed {
		return false
	}

	q.ending = &d
	if d.DropsQueue() {
		q.frames, q.bytes = nil, 0
	}

	q.wake()
	signal(q.room)

	return true
}

// setBusy says whether the reader handles a frame. It reports false if there is nothing to be handled any more.
func (q *queue) setBusy(busy bool) (goOn bool) {
	q.mu.Lock()
	defer q.mu.Unlock()

	if q.ending != nil {
		q.busy = false
		q.wake()
		return false
	}

	q.busy = busy

	return !q.closed
}

func (q *queue) isEnding() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ending != nil
}

func (q *queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// close drops everything; nothing is written any more.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()

	if !q.closed {
		q.closed = true
		q.frames, q.bytes = nil, 0
		close(q.done)
	}
}
