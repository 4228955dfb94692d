// Package writebuffer sends an answer to the network in one piece. The buffer of net/http holds 4 KiB; a page of slots with its
// headers is a little more, and would cost two system calls here and wake its reader twice.
package writebuffer

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
)

// Answers of these sizes are worth it: smaller ones are one piece anyway, and larger ones are many in any case.
const (
	smallest = 3 << 10
	largest  = 64 << 10
)

type connKey struct{}

// stream is what net/http asks of a TCP connection, and who takes it over: a WebSocket's buffers in the kernel are bounded.
type stream interface {
	net.Conn
	io.ReaderFrom
	CloseWrite() error
	SetReadBuffer(size int) error
	SetWriteBuffer(size int) error
}

// conn is a connection that can hold back what is written.
type conn struct {
	stream

	held *[]byte
}

type listener struct{ net.Listener }

// Listener makes the connections of l able to hold back what is written. The server needs ConnContext too.
func Listener(l net.Listener) net.Listener { return listener{l} }

// Accept waits for the next connection.
func (l listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if tcp, ok := accepted.(stream); ok {
		return &conn{stream: tcp}, err
	}

	return accepted, err
}

// ConnContext lets Whole find the connection of a request.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if own, ok := c.(*conn); ok {
		return context.WithValue(ctx, connKey{}, own)
	}

	return ctx
}

// Whole runs write, which sends an answer of about size bytes, so that it leaves in one piece if that pays.
func Whole(w http.ResponseWriter, r *http.Request, size int, write func() error) error {
	if size < smallest || size > largest {
		return write()
	}

	own, ok := r.Context().Value(connKey{}).(*conn)
	if !ok {
		return write()
	}

	own.hold()

	written := false
	defer func() {
		if !written { // It panicked; the server closes the connection, and what was held is not worth sending.
			own.drop()
		}
	}()

	err := errors.Join(write(), http.NewResponseController(w).Flush())
	written = true

	return errors.Join(err, own.release())
}

// Write sends p, or keeps it until the answer is complete. Only the goroutine that handles the connection's request
// writes.
func (c *conn) Write(p []byte) (int, error) {
	if c.held == nil {
		return c.stream.Write(p)
	}

	*c.held = append(*c.held, p...)

	return len(p), nil
}

// buffers have room for the largest answer and its headers, and are used again.
var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, largest+largest/8) //nolint:mnd // an eighth more for the headers
	return &buffer
}}

func (c *conn) hold() {
	c.held, _ = buffers.Get().(*[]byte)
}

func (c *conn) release() error {
	_, err := c.stream.Write(*c.held)
	c.drop()
	return err
}

func (c *conn) drop() {
	*c.held = (*c.held)[:0]
	buffers.Put(c.held)
	c.held = nil
}
