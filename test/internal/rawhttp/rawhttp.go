// Package rawhttp sends bytes as no HTTP client would, and reads what comes back.
package rawhttp

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

// limit is how long an answer may take before the server counts as hanging.
const limit = 30 * time.Second

// Send writes the bytes to the server at base, such as http://127.0.0.1:3000, and returns its first answer.
func Send(base, request string) client.Answer {
	line, _, _ := strings.Cut(request, "\r\n")
	answer := client.Answer{Request: shorten(line)}
	began := time.Now()

	defer func() { answer.Took = time.Since(began) }()

	answer.Status, answer.Header, answer.Body, answer.Err = send(strings.TrimPrefix(base, "http://"), request)

	return answer
}

func send(address, request string) (status int, header http.Header, body []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()

	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, nil, nil, err
	}

	defer func() { _ = connection.Close() }()

	if err := connection.SetDeadline(time.Now().Add(limit)); err != nil {
		return 0, nil, nil, err
	}

	// A server that has refused need not read the rest.
	_, _ = io.WriteString(connection, request)

	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read the answer: %w", err)
	}

	defer func() { _ = response.Body.Close() }()

	body, err = io.ReadAll(response.Body)

	return response.StatusCode, response.Header, body, err
}

func shorten(line string) string {
	const enough = 100

	if len(line) > enough {
		line = line[:enough] + "…"
	}

	return fmt.Sprintf("%q", line)
}
