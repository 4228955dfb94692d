package controller_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// proxy stands between the operator and Postgres and can cut the line.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	down  bool
	lines map[net.Conn]struct{}
}

// newProxy returns a proxy to the database of the URL, and the URL through it.
func newProxy(database string) (*proxy, string) {
	GinkgoHelper()

	parsed, err := url.Parse(database)
	Expect(err).NotTo(HaveOccurred())
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())

	p := &proxy{listener: listener, target: parsed.Host, lines: map[net.Conn]struct{}{}}
	go p.serve()

	parsed.Host = listener.Addr().String()

	return p, parsed.String()
}

func (p *proxy) serve() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}

		go p.connect(conn)
	}
}

func (p *proxy) connect(from net.Conn) {
	to, err := net.Dial("tcp", p.target)

	if err != nil || !p.keep(from, to) {
		_ = from.Close()
		return
	}

	go func() { _, _ = io.Copy(to, from); _ = to.Close() }()

	_, _ = io.Copy(from, to)
	_ = from.Close()
}

// keep remembers a line, so that it can be cut; none is kept while it is down.
func (p *proxy) keep(ends ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	for _, end := range ends {
		if p.down {
			_ = end.Close()
		}

		p.lines[end] = struct{}{}
	}

	return !p.down
}

// cut ends all lines and refuses new ones, until mend.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.down = true
	for end := range p.lines {
		_ = end.Close()
	}

	clear(p.lines)
}

func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.down = false
}

func (p *proxy) close() {
	p.cut()
	_ = p.listener.Close()
}
