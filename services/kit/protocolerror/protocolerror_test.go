package protocolerror_test

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/protocolerror"
)

// Every request that net/http refuses before a handler sees it is refused in the platform's shape.
func TestListener_BehindServer(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })

	server := httptest.NewUnstartedServer(handler)
	server.Config.MaxHeaderBytes = 4 << 10
	server.Listener = protocolerror.Listener(server.Listener)
	server.Start()
	t.Cleanup(server.Close)

	cases := []struct {
		reason, request string
		status          int
		code            string
	}{
		{"no HTTP at all", "hello\r\n\r\n", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"a version that does not exist", "GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"no host", "GET / HTTP/1.1\r\n\r\n", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"a NUL in a header", "GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"a broken escape in the path", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"a negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"an unknown encoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"an unknown expectation", "POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-maybe\r\nContent-Length: 0\r\n\r\n", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"large headers", "GET / HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 20<<10) + "\r\n\r\n", 431, "VALIDATION_HEADERS_TOO_LARGE"},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			g.Expect(err).NotTo(HaveOccurred())

			defer func() { _ = connection.Close() }()

			_, err = connection.Write([]byte(c.request))
			g.Expect(err).NotTo(HaveOccurred())

			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			g.Expect(err).NotTo(HaveOccurred())

			defer func() { _ = response.Body.Close() }()

			var body errs.Body
			g.Expect(json.NewDecoder(response.Body).Decode(&body)).To(Succeed())
			g.Expect(response.StatusCode).To(Equal(c.status))
			g.Expect(body.Code).To(Equal(c.code))
			g.Expect(body.Details).NotTo(BeNil())
			g.Expect(response.Header.Get("X-Request-Id")).NotTo(BeEmpty())
		})
	}
}

// What handlers answer is left alone.
func TestRewrite_HandlersAnswers(t *testing.T) {
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n",
		"HTTP/1.1 400 Bad Request\r\nCache-Control: no-store\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n",
		"HTTP/1.1 4", "", "x",
	} {
		NewWithT(t).Expect(string(protocolerror.Rewrite([]byte(answer)))).To(Equal(answer))
	}
}
