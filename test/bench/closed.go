package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// flood is the result of a closed loop: every connection sends its next request as soon as it has its answer.
type flood struct {
	answers  int
	rate     float64 // answers a second
	p50, p99 time.Duration
}

// floodOf sends one request again and again over a number of connections for a while. It writes prepared bytes and reads
// with net/http's parser only: on two cores a full client would be most of what is measured.
func floodOf(ctx context.Context, to target, connections int, during time.Duration) (flood, error) {
	u, err := url.Parse(to.URL)
	if err != nil {
		return flood{}, err
	}

	request := prepared(to, u)

	ctx, cancel := context.WithTimeout(ctx, during)
	defer cancel()

	started := time.Now()
	took := make([][]time.Duration, connections)
	failures := make([]error, connections)

	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() { took[i], failures[i] = loop(ctx, u.Host, request) })
	}

	all.Wait()

	elapsed := time.Since(started)

	var durations []time.Duration
	for i := range connections {
		if failures[i] != nil {
			return flood{}, fmt.Errorf("%s: %w", to.URL, failures[i])
		}

		durations = append(durations, took[i]...)
	}

	return flood{
		answers: len(durations),
		rate:    float64(len(durations)) / elapsed.Seconds(),
		p50:     percentile(durations, 0.50),
		p99:     percentile(durations, 0.99),
	}, nil
}

func prepared(to target, u *url.URL) []byte {
	var text strings.Builder

	_, _ = fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n", to.Method, u.RequestURI(), u.Host)
	_ = to.Header.Write(&text)

	if len(to.Body) > 0 {
		_, _ = fmt.Fprintf(&text, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(to.Body))
	}

	_, _ = text.WriteString("\r\n")
	_, _ = text.Write(to.Body)

	return []byte(text.String())
}

// loop is one connection's life.
func loop(ctx context.Context, address string, request []byte) ([]time.Duration, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}

	defer func() { _ = conn.Close() }()

	reader := bufio.NewReaderSize(conn, 64<<10)

	var durations []time.Duration
	for ctx.Err() == nil {
		sent := time.Now()

		if _, err := conn.Write(request); err != nil {
			return nil, err
		}

		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return nil, err
		}

		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()

		if err != nil {
			return nil, err
		}

		if response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("answered %s", response.Status)
		}

		durations = append(durations, time.Since(sent))
	}

	return durations, nil
}
