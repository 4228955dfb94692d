// Package protocolerror gives the refusals that net/http writes by itself, before any handler, the platform's error
// shape. They are plain text otherwise: for requests that are no HTTP, for headers that are too large, for transfer
// encodings that it does not know.
package protocolerror

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/request"
)

// mark follows the status line of net/http's own refusals. Answers of handlers never have it there: theirs begin with
// other headers.
const mark = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// unmet begins net/http's answer to an Expect that it does not know, which has no body and other headers. No handler of
// ours answers so.
const unmet = "HTTP/1.1 417 "

// longestStatusLine bounds where mark is looked for.
const longestStatusLine = 200

// conn is a connection on which refusals have our shape. It goes on being what net/http asks of a TCP connection.
type conn struct{ *net.TCPConn }

type listener struct{ net.Listener }

// Listener gives the refusals on the connections of l the platform's shape.
func Listener(l net.Listener) net.Listener { return listener{l} }

// Accept waits for the next connection.
func (l listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if tcp, ok := accepted.(*net.TCPConn); ok {
		return conn{tcp}, err
	}

	return accepted, err
}

// Write sends p, or what is to be written in its place.
func (c conn) Write(p []byte) (int, error) {
	if n, err := c.TCPConn.Write(Rewrite(p)); err != nil {
		return min(n, len(p)), err
	}

	return len(p), nil
}

// Rewrite returns what is to be written instead of p, which is the first piece of an answer: p itself, unless it is a
// refusal of net/http's.
func Rewrite(p []byte) []byte {
	if !bytes.HasPrefix(p, []byte("HTTP/1.1 4")) && !bytes.HasPrefix(p, []byte("HTTP/1.1 5")) {
		return p
	}

	if bytes.HasPrefix(p, []byte(unmet)) {
		return answer(errs.MalformedRequest)
	}

	line, _, found := bytes.Cut(p[:min(len(p), longestStatusLine+len(mark))], []byte(mark))
	if !found || bytes.Contains(line, []byte("\r\n")) {
		return p
	}

	return answer(kindOf(string(line[len("HTTP/1.1 "):])))
}

// kindOf says what net/http's status line means in the contract. What it calls not implemented or an unknown version is
// the caller's fault as well.
func kindOf(status string) *errs.Kind {
	switch {
	case strings.HasPrefix(status, "431"):
		return errs.HeadersTooLarge
	case strings.HasPrefix(status, "408"):
		return errs.RequestTimeout
	case strings.HasPrefix(status, "413"):
		return errs.TooLarge
	default:
		return errs.MalformedRequest
	}
}

// answer is a whole response. The language is English: the header that asks for another may be what is wrong.
func answer(kind *errs.Kind) []byte {
	status, body, _ := errs.Render(kind, "")

	text, err := json.Marshal(body)
	if err != nil {
		text = []byte("{}") // A map of nothing can always be written.
	}

	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n"+
		"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s: %s\r\nConnection: close\r\n\r\n%s",
		status, http.StatusText(status), len(text), request.HeaderID, uuid.Must(uuid.NewV7()), text)
}
