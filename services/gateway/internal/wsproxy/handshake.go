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
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/request"
)

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

	// By this the service knows the pages that share our own host.
	out.Header.Set("X-Forwarded-Host", r.Host)

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
