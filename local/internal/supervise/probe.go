package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

const (
	probeEvery   = 50 * time.Millisecond
	probeTimeout = 2 * time.Second
)

// HTTP succeeds when url answers with a 2xx status. The client, and the headers
// (name, value, name, value …), carry what the program asks of its callers.
func HTTP(client *http.Client, url string, headers ...string) Probe {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return fmt.Errorf("probe %s: %w", url, err)
		}

		for pair := range slices.Chunk(headers, 2) {
			request.Header.Set(pair[0], pair[1])
		}

		response, err := client.Do(request)
		if err != nil {
			return fmt.Errorf("no answer yet: %w", err)
		}

		defer func() { _ = response.Body.Close() }()

		body, _ := io.ReadAll(io.LimitReader(response.Body, 300))
		if response.StatusCode/100 != 2 {
			return fmt.Errorf("%s answered %d %s", url, response.StatusCode, body)
		}

		return nil
	}
}

// TCP succeeds when something listens on the address.
func TCP(address string) Probe {
	return func(ctx context.Context) error {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("no answer yet: %w", err)
		}

		return connection.Close()
	}
}

// check runs all probes once.
func check(ctx context.Context, probes []Probe) error {
	for _, probe := range probes {
		attempt, cancel := context.WithTimeout(ctx, probeTimeout)
		err := probe(attempt)

		cancel()

		if err != nil {
			return err
		}
	}

	return nil
}

// untilReady repeats the probes until they all succeed or ctx ends, and tells
// each failure to report.
func untilReady(ctx context.Context, probes []Probe, report func(error)) error {
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()

	for {
		err := check(ctx, probes)
		if err == nil {
			return nil
		}

		if ctx.Err() != nil {
			return ctx.Err()
		}

		report(err)

		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// Await returns when all probes have succeeded once, or when ctx ends, with the
// last problem.
func Await(ctx context.Context, probes []Probe) error {
	last := errors.New("nothing tried yet")
	if err := untilReady(ctx, probes, func(err error) { last = err }); err != nil {
		return fmt.Errorf("%w: %w", err, last)
	}

	return nil
}
