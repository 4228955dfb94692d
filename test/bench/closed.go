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
	rate     float64 // answers a second
	p50, p99 time.Duration
}

// floodOf asks target again and again over a number of connections for a while. It writes prepared bytes and reads
// with net/http's parser only: on two cores a full client would be most of what is measured.
func floodOf(ctx context.Context, target string, header http.Header, connections int, during time.Duration) (flood, error) {
	u, err := url.Parse(target)
	if err != nil {
		return flood{}, err
	}

	request := prepared(u, header)

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
			return flood{}, fmt.Errorf("%s: %w", target, failures[i])
		}

		durations = append(durations, took[i]...)
	}

	return flood{
		rate: float64(len(durations)) / elapsed.Seconds(),
		p50:  percentile(durations, 0.50),
		p99:  percentile(durations, 0.99),
	}, nil
}

func prepared(u *url.URL, header http.Header) []byte {
	var text strings.Builder

	_, _ = fmt.Fprintf(&text, "GET %s HTTP/1.1\r\nHost: %s\r\n", u.RequestURI(), u.Host)
	_ = header.Write(&text)
	_, _ = text.WriteString("\r\n")

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
