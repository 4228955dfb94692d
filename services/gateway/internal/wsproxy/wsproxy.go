// Package wsproxy passes WebSocket connections straight to the service that takes them, because Dapr carries none. It
// looks at nothing: the service authenticates by itself.
package wsproxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/request"
)

const (
	// dialTimeout and handshakeTimeout bound what a caller waits for.
	dialTimeout      = time.Second
	handshakeTimeout = 4 * time.Second
	// copyBuffer is what a connection costs in each direction; frames of a chat are small.
	copyBuffer = 2 << 10
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
	"Upgrade", "Www-Authenticate",
}

// Proxy passes connections to the replicas of one service. It is safe for concurrent use.
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

// handshake sends the caller's request to the first server that takes it. A server that is about to stop says 503.
func (p *Proxy) handshake(r *http.Request) (server *side, response *http.Response, err error) {
	ctx, cancel := context.WithTimeout(r.Context(), handshakeTimeout)
	defer cancel()

	err = errors.New("no server is known")

	first := int(p.next.Add(1))
	for i := range p.servers {
		server, response, err = try(ctx, p.servers[(first+i)%len(p.servers)], r)

		last := i == len(p.servers)-1
		switch {
		case err != nil && ctx.Err() == nil:
		case err == nil && response.StatusCode == http.StatusServiceUnavailable && !last:
			server.close()
		default:
			return server, response, err
		}
	}

	return nil, nil, err
}

func try(ctx context.Context, address string, r *http.Request) (*side, *http.Response, error) {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, nil, fmt.Errorf("connect: %w", err)
	}

	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)

	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	response, reader, err := ask(conn, outgoing(r, address))
	if err != nil {
		_ = conn.Close()
		return nil, nil, fmt.Errorf("shake hands: %w", err)
	}

	return &side{conn: conn, reader: reader}, response, nil
}

func ask(conn net.Conn, r *http.Request) (*http.Response, *bufio.Reader, error) {
	if err := r.Write(conn); err != nil {
		return nil, nil, err
	}

	reader := bufio.NewReaderSize(conn, copyBuffer)
	response, err := http.ReadResponse(reader, r)

	return response, reader, err
}

// outgoing is the caller's request as the service gets it.
func outgoing(r *http.Request, address string) *http.Request {
	out := &http.Request{
		Method:     http.MethodGet,
		Host:       address,
		Header:     http.Header{},
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		URL: &url.URL{
			Scheme:   "http",
			Host:     address,
			Path:     r.URL.Path,
			RawQuery: r.URL.RawQuery,
		},
	}
	for _, name := range passedOn {
		if values := r.Header[name]; len(values) > 0 {
			out.Header[name] = values
		}
	}

	info := request.From(r.Context())
	out.Header.Set(request.HeaderID, info.ID)
	out.Header.Set(request.HeaderClientIP, info.ClientIP)
	out.Header.Set("User-Agent", info.UserAgent)
	propagation.TraceContext{}.Inject(r.Context(), propagation.HeaderCarrier(out.Header))

	return out
}

func refuse(w http.ResponseWriter, response *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxRefusal))
	if err != nil {
		return errs.Unavailable.Wrap(fmt.Errorf("read a refusal: %w", err))
	}

	copyHeader(w.Header(), response.Header)
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(body)

	return nil
}

func copyHeader(to, from http.Header) {
	for _, name := range handedBack {
		if values := from[name]; len(values) > 0 {
			to[name] = values
		}
	}
}

func hijack(w http.ResponseWriter) (net.Conn, *bufio.Reader, error) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return nil, nil, errors.New("the connection cannot be taken over")
	}

	conn, buffers, err := hijacker.Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("take the connection over: %w", err)
	}

	return conn, buffers.Reader, nil
}
