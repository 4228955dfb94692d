package socket

import (
	"context"
	"slices"
	"sync"
)

// Listener reads a connection in a goroutine of its own and keeps everything, so that frames can be waited for, and be
// missing, without a word lost. It is safe for concurrent use, but frames go to one of those who call Next only.
type Listener struct {
	*Conn

	changed chan struct{}
	ended   chan struct{}

	mu     sync.Mutex
	frames []Frame
	taken  int
	err    error
}

// Listen reads the connection until it ends.
func Listen(c *Conn) *Listener {
	l := &Listener{Conn: c, changed: make(chan struct{}, 1), ended: make(chan struct{})}
	go l.listen()
	return l
}

func (l *Listener) listen() {
	defer close(l.ended)

	for {
		frame, err := l.Conn.Next()
		l.mu.Lock()
		if err != nil {
			l.err = err
			l.mu.Unlock()
			return
		}

		l.frames = append(l.frames, frame)
		l.mu.Unlock()

		select {
		case l.changed <- struct{}{}:
		default: // it is known already
		}
	}
}

// Next waits for the next frame. After the last one it returns the error with which the connection has ended.
func (l *Listener) Next(ctx context.Context) (Frame, error) {
	for {
		frame, ok, err := l.take()
		if ok || err != nil {
			return frame, err
		}

		select {
		case <-l.changed:
		case <-l.ended:
		case <-ctx.Done():
			return Frame{}, ctx.Err()
		}
	}
}

func (l *Listener) take() (frame Frame, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.taken < len(l.frames) {
		frame = l.frames[l.taken]
		l.taken++
		return frame, true, nil
	}

	return Frame{}, false, l.err
}

// Heard returns all frames since the beginning, those that Next has returned too.
func (l *Listener) Heard() []Frame {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.frames)
}

// Ended is closed when the connection has ended; CloseCode tells how.
func (l *Listener) Ended() <-chan struct{} { return l.ended }

// CloseCode returns how the connection has ended, and 0 while it goes on.
func (l *Listener) CloseCode() (code int, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return CloseCode(l.err)
}
