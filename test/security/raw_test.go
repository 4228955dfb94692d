package security_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/matchers"
	"github.com/shema-music/shema/test/internal/rawhttp"
)

// rude are requests that no HTTP client sends, by what is wrong with them; each is whole, but for Host and Connection
// where it has neither. refused is what they may be answered.
type rude struct {
	name, request string
	status        []int
	code          string
}

// complete adds what every request needs.
func complete(request string) string {
	line, rest, _ := strings.Cut(request, "\r\n")
	if !strings.Contains(rest, "Host:") {
		rest = "Host: x\r\nConnection: close\r\n" + rest
	}

	if !strings.Contains(rest, "\r\n\r\n") {
		rest += "\r\n"
	}

	return line + "\r\n" + rest
}

const (
	login   = "POST /api/auth/login HTTP/1.1\r\nContent-Type: application/json\r\n"
	courses = "GET /api/courses HTTP/1.1\r\n"
)

// malformed are those that any of our servers refuses.
var malformed = []rude{
	{"a broken chunk", login + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", []int{400}, ""},
	{"a chunk without an end", login + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":", []int{400, 408}, ""},
	{"a negative chunk", login + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", []int{400}, ""},
	{"a chunk of more than there is room for", login + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", []int{400}, ""},
	{"a huge chunk's name", login + "Transfer-Encoding: chunked\r\n\r\n2;" + strings.Repeat("x", 20000) + "\r\n{}\r\n0\r\n\r\n", []int{400, 413}, ""},
	{"a length that lies", login + "Content-Length: 100\r\n\r\n{", []int{400, 408}, ""},
	{"two lengths", login + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", []int{400}, ""},
	{"a negative length", login + "Content-Length: -1\r\n\r\n{}", []int{400}, ""},
	{"a length with a sign", login + "Content-Length: +2\r\n\r\n{}", []int{400}, ""},
	{"a length in hex", login + "Content-Length: 0x2\r\n\r\n{}", []int{400}, ""},
	{"a length and chunks", login + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", []int{400}, ""},
	{"an unknown encoding", login + "Transfer-Encoding: gzip\r\n\r\n", []int{400}, ""},
	{"chunks spelled strangely", login + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", []int{400}, ""},
	{"a huge length", login + "Content-Length: 99999999999\r\n\r\n{}", []int{413}, ""},
	{"a length beyond numbers", login + "Content-Length: 99999999999999999999999\r\n\r\n{}", []int{400}, ""},
	{"a header without a colon", courses + "Nonsense\r\n", []int{400}, ""},
	{"a space before the colon", courses + "X-A : b\r\n", []int{400}, ""},
	{"a folded header", courses + "X-A: b\r\n c\r\n", []int{200, 400}, ""},
	{"a NUL in a header", courses + "X-A: b\x00c\r\n", []int{400}, ""},
	{"a header's name in Unicode", courses + "X-\xc3\xa9: b\r\n", []int{400}, ""},
	{"an empty header's name", courses + ": b\r\n", []int{400}, ""},
	{"two hosts", "GET /api/courses HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n", []int{400}, ""},
	{"a host that is none", "GET /api/courses HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n", []int{400}, ""},
	{"an unknown version", "GET /api/courses HTTP/9.9\r\n", []int{400, 505}, ""},
	{"no version", "GET /api/courses\r\n", []int{400}, ""},
	{"no method", " /api/courses HTTP/1.1\r\n", []int{400}, ""},
	{"a method that is none", "G<T /api/courses HTTP/1.1\r\n", []int{400}, ""},
	{"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{400, 404, 405, 505}, ""},
	{"a NUL in the path", "GET /api/courses/\x00 HTTP/1.1\r\n", []int{400}, ""},
	{"a space in the path", "GET /api/ courses HTTP/1.1\r\n", []int{400}, ""},
	{"half an escape", "GET /api/courses/%f HTTP/1.1\r\n", []int{400}, ""},
	{"a huge header", "GET /api/users/me HTTP/1.1\r\nX-A: " + strings.Repeat("a", 70000) + "\r\n", []int{431}, ""},
	{"many headers", "GET /api/users/me HTTP/1.1\r\n" + strings.Repeat("X-A: b\r\n", 12000), []int{431}, ""},
	{"a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", []int{400}, ""},
	{"an unknown expectation", login + "Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}", []int{400}, ""},
}

// atTheGateway are those that no service could be asked, which the gateway refuses as the caller's fault.
var atTheGateway = []rude{
	{"a path that is not UTF-8", "GET /api/courses/a%ff HTTP/1.1\r\n", []int{404}, "NOT_FOUND"},
	{"raw bytes in the path", "GET /api/courses/a\xff HTTP/1.1\r\n", []int{404}, "NOT_FOUND"},
	{"an escaped NUL in the path", "GET /api/courses/a%00 HTTP/1.1\r\n", []int{404}, "NOT_FOUND"},
	{"an escaped number sign", "GET /api/courses/a%23b HTTP/1.1\r\n", []int{404}, "NOT_FOUND"},
	{"an escaped question mark", "GET /api/courses/a%3Fb HTTP/1.1\r\n", []int{404}, "NOT_FOUND"},
	{"an escaped percent sign", "GET /api/courses/a%25b HTTP/1.1\r\n", []int{404}, "NOT_FOUND"},
	{"a query that is not UTF-8", "GET /api/courses?q=%ff HTTP/1.1\r\n", []int{400}, "VALIDATION_FAILED"},
	{"raw bytes in the query", "GET /api/courses?q=\xff HTTP/1.1\r\n", []int{400}, "VALIDATION_FAILED"},
	{"half an escape in the query", "GET /api/courses?q=%f HTTP/1.1\r\n", []int{400}, "VALIDATION_FAILED"},
	{"a NUL in the query", "GET /api/courses?q=%00 HTTP/1.1\r\n", []int{400}, "VALIDATION_FAILED"},
	{"Accept that is not UTF-8", courses + "Accept: \xff\r\n", []int{400}, "VALIDATION_FAILED"},
	{"an Idempotency-Key that is not UTF-8", courses + "Idempotency-Key: \xff\r\n", []int{400}, "VALIDATION_FAILED"},
	{"a token that is not UTF-8", "GET /api/users/me HTTP/1.1\r\nAuthorization: Bearer \xff\r\n", []int{400}, "VALIDATION_FAILED"},
	{"Content-Type that is not UTF-8", "POST /api/auth/login HTTP/1.1\r\nContent-Type: \xff\r\nContent-Length: 0\r\n", []int{400}, "VALIDATION_FAILED"},
	{"a long query", "GET /api/courses?q=" + strings.Repeat("a", 23001) + " HTTP/1.1\r\n", []int{414}, "VALIDATION_URI_TOO_LONG"},
	{"a long path", "GET /api/courses/" + strings.Repeat("a", 23001) + " HTTP/1.1\r\n", []int{414}, "VALIDATION_URI_TOO_LONG"},
	{"many parameters", "GET /api/courses?" + strings.Repeat("a=b&", 1900) + " HTTP/1.1\r\n", []int{400}, "VALIDATION_FAILED"},
	{"a large header", "GET /api/users/me HTTP/1.1\r\nX-A: " + strings.Repeat("a", 23001) + "\r\n", []int{431}, "VALIDATION_HEADERS_TOO_LARGE"},
	{"a body with GET", courses + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", []int{200}, ""},
	{"a body that is not UTF-8", login + "Content-Length: 15\r\n\r\n{\"email\":\"\xff\xfe\"} ", []int{400}, "VALIDATION_MALFORMED_JSON"},
	{"a body with a NUL", login + "Content-Length: 14\r\n\r\n{\"email\":\"a\x00\"}", []int{400}, "VALIDATION_MALFORMED_JSON"},
	{"TRACE", "TRACE /api/courses HTTP/1.1\r\n", []int{404, 405}, ""},
	{"CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n", []int{400, 404, 405}, ""},
	{"a whole address", "GET http://evil.example/dapr/config HTTP/1.1\r\n", []int{404}, ""},
	{"a star", "OPTIONS * HTTP/1.1\r\n", []int{200, 204, 400, 404}, ""},
}

// expectRefused asks that the answer is one of those, in the error shape where it is a refusal.
func expectRefused(a client.Answer, h rude) {
	GinkgoHelper()

	Expect(a.Err).NotTo(HaveOccurred(), "%s: %s", h.name, a.Request)
	Expect(h.status).To(ContainElement(a.Status), "%s: %s", h.name, a)

	if a.Status >= 400 {
		Expect(matchers.ShapeFaults(a)).To(BeEmpty(), "%s: %s", h.name, a)
	}

	if h.code != "" {
		Expect(a.Code()).To(Equal(h.code), h.name)
	}
}

var _ = Describe("Raw HTTP", func() {
	It("is answered by the gateway as the caller's fault, in the error shape", func() {
		for _, h := range append(malformed, atTheGateway...) {
			expectRefused(rawhttp.Send(platform.Gateway, complete(h.request)), h)
		}

		Expect(stranger().Get("/api/courses")).To(succeed(200))
	})

	It("is answered by the services as the caller's fault, too, though no sidecar brings it to them", func() {
		for _, app := range behind() {
			for _, h := range malformed {
				// Some are asked who sends this before they are read.
				h.name, h.status = app+": "+h.name, append([]int{403, 404}, h.status...)
				expectRefused(rawhttp.Send(at(app).Base, complete(h.request)), h)
			}

			Expect(at(app).Get("/healthz")).To(succeed(200))
		}
	})

	It("takes strange bytes in User-Agent and Accept-Language, which real phones send", func() {
		a := rawhttp.Send(platform.Gateway, "GET /api/users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "+student().Token+
			"\r\nUser-Agent: Redmi \xa0\xff\r\nAccept-Language: \xfe, id\r\n\r\n")
		Expect(a).To(succeed(200))
	})

	It("carries no second request behind the first", func() {
		smuggled := "GET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
		for _, first := range []string{
			"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
			"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4, 4\r\n\r\n0\r\n\r\n",
		} {
			a := rawhttp.Send(platform.Gateway, first+smuggled)
			Expect(a.Status).To(BeElementOf(400, 401), a.String())
		}
	})

	It("from one service's neighbours reaches no other", func() {
		a := rawhttp.Send(at(apps.Course).Base, complete("GET /internal/reservations HTTP/1.1\r\nX-Original-URL: /healthz\r\nX-Rewrite-URL: /healthz\r\n"))
		Expect(a.Status).To(BeElementOf(403, 404, 405), a.String())
	})
})
