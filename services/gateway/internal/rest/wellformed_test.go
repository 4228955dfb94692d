package rest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/kit/auth"
)

// raw sends bytes as they are and returns the first answer.
func (w *testGateway) raw(request string) reply {
	connection, err := net.Dial("tcp", w.gateway.Listener.Addr().String())
	w.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = connection.Close() }()

	_, err = connection.Write([]byte(request))
	w.Expect(err).NotTo(HaveOccurred())

	return w.readReply(connection)
}

func (w *testGateway) readReply(connection net.Conn) reply {
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	w.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = response.Body.Close() }()

	var body json.RawMessage

	_ = json.NewDecoder(response.Body).Decode(&body)

	return reply{Response: response, body: string(body)}
}

// What no service could be asked is the caller's fault, whichever way the request would have taken.
func TestGateway_Malformed(t *testing.T) {
	w := newTestGateway(t, patient)
	w.get("/api/courses") // So that the fast path has an answer.
	w.sidecar.taken()

	cases := []struct {
		reason, method, target, header string
		status                         int
		code                           string
	}{
		{"a byte in the path that is not UTF-8", "GET", "/api/courses/a%ff", "", 404, "NOT_FOUND"},
		{"the same, not escaped", "GET", "/api/courses/a\xff", "", 404, "NOT_FOUND"},
		{"an escaped number sign", "GET", "/api/courses/a%23b", "", 404, "NOT_FOUND"},
		{"an escaped question mark", "GET", "/api/courses/a%3Fb", "", 404, "NOT_FOUND"},
		{"an escaped percent sign", "GET", "/api/courses/100%25", "", 404, "NOT_FOUND"},
		{"a byte in the query that is not UTF-8", "GET", "/api/courses?q=%ff", "", 400, "VALIDATION_FAILED"},
		{"a NUL in the query", "GET", "/api/courses?q=a%00", "", 400, "VALIDATION_FAILED"},
		{"the same in a name", "GET", "/api/courses?%ff=1", "", 400, "VALIDATION_FAILED"},
		{"a query that is none", "GET", "/api/courses?limit=%zz", "", 400, "VALIDATION_FAILED"},
		{"a byte in Accept that is not UTF-8", "GET", "/api/courses", "Accept: text/\xff", 400, "VALIDATION_FAILED"},
		{"in Content-Type", "POST", "/api/auth/login", "Content-Type: application/\xe9", 400, "VALIDATION_FAILED"},
		{"in Idempotency-Key", "POST", "/api/bookings/create", "Idempotency-Key: \xc3\x28", 400, "VALIDATION_FAILED"},
		{"in a header that is not passed on", "GET", "/api/courses", "X-Anything: \xff", 400, "VALIDATION_FAILED"},
		{"an address that is too long", "GET", "/api/courses?q=" + strings.Repeat("a", 9000), "", 414, "VALIDATION_URI_TOO_LONG"},
		{"a path that is too long", "GET", "/api/courses/" + strings.Repeat("a", 9000), "", 414, "VALIDATION_URI_TOO_LONG"},
		{"one that becomes too long for the service", "GET", "/api/courses/" + strings.Repeat("é", 1500), "", 414, "VALIDATION_URI_TOO_LONG"},
		{"a header that is too large", "GET", "/api/courses", "X-A: " + strings.Repeat("a", 20<<10), 431, "VALIDATION_HEADERS_TOO_LARGE"},
		{"one that is too large for the service", "GET", "/api/courses", "Accept: " + strings.Repeat("a", 6000), 431, "VALIDATION_HEADERS_TOO_LARGE"},
		{"one that is too large for HTTP", "GET", "/api/courses", "X-A: " + strings.Repeat("a", 64<<10), 431, "VALIDATION_HEADERS_TOO_LARGE"},
		{"a NUL in a header", "GET", "/api/courses", "X-A: a\x00b", 400, "VALIDATION_MALFORMED_REQUEST"},
		{"an unknown parameter", "GET", "/api/courses?limitt=5", "", 400, "VALIDATION_FAILED"},
		{"one of another operation", "GET", "/api/courses?user_id=1", "", 400, "VALIDATION_FAILED"},
		{"one where there is none", "GET", "/openapi.yaml?v=1", "", 400, "VALIDATION_FAILED"},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)

			line := c.header
			if line != "" {
				line += "\r\n"
			}

			got := w.raw(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", c.method, c.target, line))
			g.Expect(got.StatusCode).To(Equal(c.status), got.body)
			g.Expect(got.refused().Code).To(Equal(c.code))
			g.Expect(w.sidecar.taken()).To(BeEmpty())
		})
	}
}

// The fields that are wrong are named, all of them.
func TestGateway_Malformed_NamesFields(t *testing.T) {
	w := newTestGateway(t)

	named := func(r reply) (names []string) {
		fields, _ := r.refused().Details["fields"].([]any)
		for _, f := range fields {
			field, _ := f.(map[string]any)
			names = append(names, fmt.Sprint(field["field"]))
		}

		return names
	}
	w.Expect(named(w.get("/api/bookings?user_idd=1&a=2"))).To(Equal([]string{"a", "user_idd"}))
	w.Expect(named(w.get("/api/courses?q=%ff"))).To(Equal([]string{"q"}))

	indonesian := w.do("GET", "/api/courses?x=1", header{"Accept-Language": "id"})
	w.Expect(indonesian.body).To(ContainSubstring("bukan parameter yang dikenal"))
}

// Telephones in use send such headers: they are no reason to refuse.
func TestGateway_Malformed_IgnoredHeaders(t *testing.T) {
	w := newTestGateway(t)
	token := w.token(auth.Student)

	got := w.raw("GET /api/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token +
		"\r\nUser-Agent: Redmi\xa0Note \xff11\r\nAccept-Language: \xff, id\r\n\r\n")
	w.Expect(got.StatusCode).To(Equal(http.StatusOK))

	seen := w.sidecar.taken()[0].Header
	w.Expect(seen.Get("X-Client-User-Agent")).To(Equal("RedmiNote 11"))
	w.Expect(seen.Get("Accept-Language")).To(Equal(", id"))

	long := strings.Repeat("a", 2000)
	w.do("GET", "/api/users/me", header{"Authorization": "Bearer " + token, "User-Agent": long})
	w.Expect(w.sidecar.taken()[0].Header.Get("X-Client-User-Agent")).To(Equal(long[:512]))
}

// HEAD is GET without a body, wherever GET is, roles and all.
func TestGateway_Head(t *testing.T) {
	w := newTestGateway(t, patient)

	for _, target := range []string{"/api/courses", "/openapi.yaml", "/docs", "/docs/start.js", "/healthz", "/api/users/me"} {
		h := bearer(w.token(auth.Student))
		h["Accept-Encoding"] = "identity"
		want := w.do("GET", target, h)

		got := w.do("HEAD", target, h)
		w.Expect(got.StatusCode).To(Equal(http.StatusOK), target)
		w.Expect(got.body).To(BeEmpty())
		w.Expect(got.Header.Get("Content-Type")).To(Equal(want.Header.Get("Content-Type")))
		w.Expect(got.Header.Get("ETag")).To(Equal(want.Header.Get("ETag")))
		w.Expect(got.ContentLength).To(Equal(int64(len(want.body))), target)
	}

	w.Expect(w.do("HEAD", "/api/users/me", nil).StatusCode).To(Equal(http.StatusUnauthorized))
	w.Expect(w.do("HEAD", "/api/users", bearer(w.token(auth.Student))).StatusCode).To(Equal(http.StatusForbidden))
	w.Expect(w.do("HEAD", "/api/auth/login", nil).StatusCode).To(Equal(http.StatusMethodNotAllowed))
	w.Expect(w.do("HEAD", "/api/nothing", nil).StatusCode).To(Equal(http.StatusNotFound))
}

// A body that is no body is the caller's fault, and costs no more than its time.
func TestGateway_Forward_BrokenBodies(t *testing.T) {
	w := newTestGateway(t)

	const head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

	cases := []struct {
		reason, request string
		halfClosed      bool
		status          int
		code            string
	}{
		{"a chunk without a length", head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", false, 400, "VALIDATION_MALFORMED_REQUEST"},
		{"a chunk that is shorter than it says", head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{}\r\n", true, 400, "VALIDATION_MALFORMED_REQUEST"},
		{"a body that ends early", head + "Content-Length: 100\r\n\r\n{", true, 400, "VALIDATION_MALFORMED_REQUEST"},
		{"a body that never comes", head + "Content-Length: 100\r\n\r\n{", false, 408, "VALIDATION_REQUEST_TIMEOUT"},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			connection, err := net.Dial("tcp", w.gateway.Listener.Addr().String())
			g.Expect(err).NotTo(HaveOccurred())

			defer func() { _ = connection.Close() }()

			_, err = connection.Write([]byte(c.request))
			g.Expect(err).NotTo(HaveOccurred())

			if c.halfClosed {
				g.Expect(connection.(*net.TCPConn).CloseWrite()).To(Succeed())
			}

			got := w.readReply(connection)
			g.Expect(got.StatusCode).To(Equal(c.status), got.body)
			g.Expect(got.refused().Code).To(Equal(c.code))
			g.Expect(w.sidecar.taken()).To(BeEmpty())
		})
	}
}

// An answer of JSON that is worth it is compressed for who accepts that.
func TestGateway_Forward_Compressed(t *testing.T) {
	w := newTestGateway(t)
	long := `{"items":["` + strings.Repeat("x", 4000) + `"]}`
	w.sidecar.set(func(s *sidecar) {
		s.answer = func(rw http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-None-Match") == `W/"one"` {
				rw.WriteHeader(http.StatusNotModified)
				return
			}

			rw.Header().Set("ETag", `"one"`)
			rw.Header().Set("Cache-Control", "private, no-cache")
			writeJSON(rw, http.StatusOK, long)
		}
	})

	h := bearer(w.token(auth.Student))
	h["Accept-Encoding"] = "gzip"
	got := w.do("GET", "/api/users/me/notifications", h)
	w.Expect(got.Header.Get("Content-Encoding")).To(Equal("gzip"))
	w.Expect(got.Header.Get("Vary")).To(ContainSubstring("Accept-Encoding"))
	w.Expect(got.Header.Get("ETag")).To(Equal(`W/"one"`))
	w.Expect(got.Header.Get("Cache-Control")).To(Equal("private, no-cache"))
	w.Expect(len(got.body)).To(BeNumerically("<", 200))

	h["If-None-Match"] = got.Header.Get("ETag")
	w.Expect(w.do("GET", "/api/users/me/notifications", h).StatusCode).To(Equal(http.StatusNotModified))

	h = header{"Authorization": h["Authorization"], "Accept-Encoding": "identity"}
	got = w.do("GET", "/api/users/me/notifications", h)
	w.Expect(got.body).To(Equal(long))
	w.Expect(got.Header.Get("ETag")).To(Equal(`"one"`))
}

// The address of a calendar is its secret.
func TestGateway_SecretPathsAreNotLogged(t *testing.T) {
	var log bytes.Buffer

	w := newTestGateway(t, func(o *rest.Options) { o.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	w.get("/api/calendar/hush.ics")
	w.get("/api/calendar/hush/more")

	w.gateway.Close() // Every line has been written then.
	w.Expect(log.String()).To(ContainSubstring("/api/calendar/"))
	w.Expect(log.String()).NotTo(ContainSubstring("hush"))
}
