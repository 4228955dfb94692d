package wsproxy

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// kernelBuffer bounds what the system holds, on each end and in each direction, for a side that does not read. Left to
// itself it would take megabytes, and the service would not notice for long that its client is too slow.
const kernelBuffer = 64 << 10

// pair is a client's connection and the one that belongs to it at the service.
type pair struct {
	proxy  *Proxy
	client net.Conn
	server *side
}

func (p *pair) close() {
	_ = p.client.Close()
	p.server.close()
}

// begin hands over the service's answer, and whatever either side has sent right behind the handshake.
func (p *pair) begin(response *http.Response, buffered *bufio.Reader, own http.Header) error {
	_ = p.client.SetDeadline(time.Time{})
	_ = p.server.conn.SetDeadline(time.Time{})
	bound(p.client)
	bound(p.server.conn)

	answer := &http.Response{
		StatusCode: response.StatusCode,
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     own.Clone(),
	}
	copyHeader(answer.Header, response.Header)

	// What is ready leaves in one piece: written to the connection itself, every header would be a packet.
	client := bufio.NewWriter(p.client)
	if err := answer.Write(client); err != nil {
		return err
	}

	if err := forward(client, p.server.reader); err != nil {
		return err
	}

	if err := client.Flush(); err != nil {
		return err
	}

	p.server.reader = nil // everything else comes from the connection

	return forward(p.server.conn, buffered)
}

// bound keeps the system from holding much for a connection, which the server may have wrapped.
func bound(conn net.Conn) {
	tcp, ok := conn.(interface {
		SetReadBuffer(size int) error
		SetWriteBuffer(size int) error
	})
	if ok {
		_ = tcp.SetReadBuffer(kernelBuffer)
		_ = tcp.SetWriteBuffer(kernelBuffer)
	}
}

// forward sends on what a reader has buffered.
func forward(to io.Writer, from *bufio.Reader) error {
	early, err := from.Peek(from.Buffered())
	if err == nil && len(early) > 0 {
		_, err = to.Write(early)
	}

	return err
}

// run copies both ways until both have ended.
func (p *pair) run() {
	var other sync.WaitGroup
	other.Go(func() { p.relay(p.server.conn, p.client) })
	p.relay(p.client, p.server.conn)
	other.Wait()
	p.close()
	p.proxy.mu.Lock()
	defer p.proxy.mu.Unlock()

	delete(p.proxy.pairs, p)
}

// relay copies until from ends or to takes nothing any more. Then to hears of the end, and has a moment to finish.
func (p *pair) relay(to, from net.Conn) {
	buffer := make([]byte, copyBuffer)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			_ = to.SetWriteDeadline(p.proxy.clock.Now().Add(stuckAfter))
			if _, failed := to.Write(buffer[:n]); failed != nil {
				_ = from.Close()
				break
			}
		}

		if err != nil {
			break
		}
	}

	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}

	_ = to.SetReadDeadline(p.proxy.clock.Now().Add(lingerFor))
}
