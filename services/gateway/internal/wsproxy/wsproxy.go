// Package wsproxy passes WebSocket connections straight to the service that takes them, because Dapr carries none. It
// looks at nothing: the service authenticates by itself.
package wsproxy

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// dialTimeout and handshakeTimeout bound what a caller waits for.
	dialTimeout      = time.Second
	handshakeTimeout = 4 * time.Second
	// copyBuffer is what a connection costs in each direction for as long as it is open. Nearly all frames of a chat fit;
	// longer ones pass in parts.
	copyBuffer = 512
	// stuckAfter is how long a side may take nothing before the connection is given up.
	stuckAfter = time.Minute
	// lingerFor is how long one side may go on when the other has ended.
	lingerFor = 5 * time.Second
	// maxRefusal bounds the service's answer to a handshake that it refuses.
	maxRefusal = 64 << 10
)

// passedOn are the only headers of a caller that the service sees.
var passedOn = []string{
	"Accept-Language", "Authorization", "Connection", "Origin", "Sec-Websocket-Extensions", "Sec-Websocket-Key",
	"Sec-Websocket-Protocol", "Sec-Websocket-Version", "Upgrade",
}

// handedBack are the only headers of the service's answer that a caller sees.
var handedBack = []string{
	"Connection", "Content-Type", "Retry-After", "Sec-Websocket-Accept", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol",
	"Sec-Websocket-Version", "Upgrade", "Www-Authenticate",
}

// Proxy passes connections to the replicas of one service. It is made by New, and safe for concurrent use.
type Proxy struct {
	servers []string
	clock   clock.Clock
	next    atomic.Uint32

	mu      sync.Mutex
	pairs   map[*pair]struct{}
	stopped bool
}

// New returns a proxy to servers such as http://127.0.0.1:3005; connections go to them in turn.
func New(servers []string, c clock.Clock) (*Proxy, error) {
	p := &Proxy{clock: c, pairs: map[*pair]struct{}{}}
	for _, server := range servers {
		u, err := url.Parse(server)
		if err != nil || u.Scheme != "http" || u.Port() == "" || u.Path != "" {
			return nil, fmt.Errorf("%q is no address of a server; write it like http://127.0.0.1:3005", server)
		}

		p.servers = append(p.servers, u.Host)
	}

	return p, nil
}

// Open returns how many connections there are.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.pairs)
}

// Close breaks all connections off, and refuses new ones.
func (p *Proxy) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.stopped = true
	for c := range p.pairs {
		c.close()
	}
}

// Serve leads the caller's connection to the service, or hands the service's refusal back. It returns as soon as the
// connection stands. An error means that nothing was answered: errs.Unavailable.
func (p *Proxy) Serve(w http.ResponseWriter, r *http.Request) error {
	server, response, err := p.handshake(r) //nolint:bodyclose // the body is the connection, which server owns
	if err != nil {
		return errs.Unavailable.Wrap(err)
	}

	if response.StatusCode != http.StatusSwitchingProtocols {
		defer server.close()
		return refuse(w, response)
	}

	client, buffered, err := hijack(w)
	if err != nil {
		server.close()
		return errs.Internal.Wrap(err)
	}

	both := &pair{proxy: p, client: client, server: server}
	if err := both.begin(response, buffered, w.Header()); err != nil || !p.add(both) {
		both.close()
	}

	return nil
}

func (p *Proxy) add(both *pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.stopped {
		return false
	}

	p.pairs[both] = struct{}{}
	go both.run()

	return true
}

// side is one end: what is read may have been buffered while the handshake was read.
type side struct {
	conn   net.Conn
	reader *bufio.Reader
}

func (s *side) close() { _ = s.conn.Close() }
