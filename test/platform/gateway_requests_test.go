package platform_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// raw sends bytes as no HTTP client would and returns the status and the code of the first answer.
func raw(request string) (status int, code string) {
	connection, err := net.Dial("tcp", strings.TrimPrefix(platform.Gateway, "http://"))
	Expect(err).NotTo(HaveOccurred())

	defer connection.Close()

	_, err = io.WriteString(connection, request)
	Expect(err).NotTo(HaveOccurred())

	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	Expect(err).NotTo(HaveOccurred())

	defer response.Body.Close()

	var refusal client.Refusal

	_ = json.NewDecoder(response.Body).Decode(&refusal)
	if response.StatusCode >= http.StatusBadRequest {
		Expect(refusal.Details).NotTo(BeNil(), "every refusal has the error shape")
	}

	return response.StatusCode, refusal.Code
}

var _ = Describe("The gateway", func() {
	DescribeTable("refuses what no service could be asked, as the caller's fault", func(request string, status int, code string) {
		gotStatus, gotCode := raw(strings.Replace(request, "\r\n", "\r\nHost: x\r\nConnection: close\r\n", 1) + "\r\n")
		Expect(gotStatus).To(Equal(status))
		Expect(gotCode).To(Equal(code))
	},
		Entry("a path that is not UTF-8", "GET /api/courses/a%ff HTTP/1.1\r\n", 404, "NOT_FOUND"),
		Entry("an escaped number sign", "GET /api/courses/a%23b HTTP/1.1\r\n", 404, "NOT_FOUND"),
		Entry("an escaped question mark", "GET /api/courses/a%3Fb HTTP/1.1\r\n", 404, "NOT_FOUND"),
		Entry("an escaped percent sign", "GET /api/courses/a%25b HTTP/1.1\r\n", 404, "NOT_FOUND"),
		Entry("a query that is not UTF-8", "GET /api/courses?q=%ff HTTP/1.1\r\n", 400, "VALIDATION_FAILED"),
		Entry("a NUL in the query", "GET /api/courses?q=%00 HTTP/1.1\r\n", 400, "VALIDATION_FAILED"),
		Entry("Accept that is not UTF-8", "GET /api/courses HTTP/1.1\r\nAccept: \xff\r\n", 400, "VALIDATION_FAILED"),
		Entry("Content-Type that is not UTF-8", "POST /api/auth/login HTTP/1.1\r\nContent-Type: \xff\r\nContent-Length: 0\r\n", 400, "VALIDATION_FAILED"),
		Entry("a long query", "GET /api/courses?q="+strings.Repeat("a", 23001)+" HTTP/1.1\r\n", 414, "VALIDATION_URI_TOO_LONG"),
		Entry("a long path", "GET /api/courses/"+strings.Repeat("a", 23001)+" HTTP/1.1\r\n", 414, "VALIDATION_URI_TOO_LONG"),
		Entry("a large header", "GET /api/users/me HTTP/1.1\r\nX-A: "+strings.Repeat("a", 23001)+"\r\n", 431, "VALIDATION_HEADERS_TOO_LARGE"),
		Entry("a huge header", "GET /api/users/me HTTP/1.1\r\nX-A: "+strings.Repeat("a", 70000)+"\r\n", 431, "VALIDATION_HEADERS_TOO_LARGE"),
		Entry("a broken chunk", "POST /api/auth/login HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
			400, "VALIDATION_MALFORMED_REQUEST"),
		Entry("a length that lies", "POST /api/auth/login HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
			408, "VALIDATION_REQUEST_TIMEOUT"),
		Entry("an unknown encoding", "POST /api/auth/login HTTP/1.1\r\nTransfer-Encoding: gzip\r\n", 400, "VALIDATION_MALFORMED_REQUEST"),
	)

	It("ignores strange bytes in User-Agent and Accept-Language", func() {
		token := student().Token
		status, _ := raw("GET /api/users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token +
			"\r\nUser-Agent: Redmi \xa0\xff\r\nAccept-Language: \xfe, id\r\n\r\n")
		Expect(status).To(Equal(200))
	})

	It("passes the longest address and headers that it takes", func() {
		long := client.Header("Accept", strings.Repeat("a", 4500))
		Expect(student().Get("/api/bookings?cursor="+strings.Repeat("a", 7900), long)).To(beRefused(400, "VALIDATION_FAILED"))
	})

	DescribeTable("refuses parameters that the operation does not have", func(path string, fields ...string) {
		a := admin().Get(path)
		Expect(a).To(beRefused(400, "VALIDATION_FAILED"))

		for _, field := range fields {
			Expect(a.Fields()).To(HaveKey(field))
		}
	},
		Entry("a cached list", "/api/courses?limitt=5", "limitt"),
		Entry("several", "/api/schedules/available?user=1&other=2", "user", "other"),
		Entry("a private list", "/api/recommendations?user_id=1", "user_id"),
		Entry("an operation without any", "/api/users/me?id=1", "id"),
	)

	It("answers HEAD wherever it answers GET", func() {
		for _, path := range []string{
			"/api/courses", "/api/schedules/available", "/api/users/me", "/api/bookings", "/api/admin/dashboard", "/openapi.json",
			"/asyncapi.yaml", "/docs", "/healthz", "/readyz", "/api/auth/.well-known/jwks.json",
		} {
			a := admin().Do("HEAD", path, nil)
			Expect(a.Status).To(Equal(200), path)
			Expect(a.Body).To(BeEmpty())
		}

		Expect(stranger().Do("HEAD", "/api/users/me", nil).Status).To(Equal(401))
		Expect(student().Do("HEAD", "/api/users", nil).Status).To(Equal(403))
	})

	It("compresses JSON of a kibibyte and more for those who accept it", func() {
		zip := client.Header("Accept-Encoding", "gzip")

		a := stranger().Get("/api/schedules/available?limit=100", zip)
		plain := stranger().Get("/api/schedules/available?limit=100")
		Expect(len(plain.Body)).To(BeNumerically(">", 1<<10))
		Expect(a.Header.Get("Content-Encoding")).To(Equal("gzip"))
		Expect(a.Header.Values("Vary")).To(ContainElement(ContainSubstring("Accept-Encoding")))

		reader, err := gzip.NewReader(bytes.NewReader(a.Body))
		Expect(err).NotTo(HaveOccurred())
		Expect(io.ReadAll(reader)).To(MatchJSON(plain.Body))

		Expect(stranger().Get("/api/schedules/available?limit=100", zip, client.Header("If-None-Match", a.Header.Get("ETag"))).Status).
			To(Equal(304))
		Expect(admin().Get("/api/admin/dashboard", zip).Status).To(Equal(200))
	})

	It("lets the key set be kept for five minutes", func() {
		a := stranger().Get("/api/auth/.well-known/jwks.json")
		Expect(a).To(succeed(200))
		Expect(a.Header.Get("Cache-Control")).To(ContainSubstring("max-age=300"))
		Expect(stranger().Get("/api/auth/.well-known/jwks.json", client.Header("If-None-Match", a.Header.Get("ETag"))).Status).To(Equal(304))
	})

	It("lets pages on the list see the real 404 and 405", func() {
		for _, path := range []string{"/api/nothing", "/api/courses", "/api/bookings/create", "/"} {
			a := stranger().Do("OPTIONS", path, nil, client.Header("Origin", "http://localhost:5173"),
				client.Header("Access-Control-Request-Method", "DELETE"),
				client.Header("Access-Control-Request-Headers", "baggage,sentry-trace,x-requested-with,cache-control"))
			Expect(a.Status).To(Equal(204), path)
			Expect(a.Header.Get("Access-Control-Allow-Methods")).To(ContainSubstring("DELETE"))

			for _, name := range []string{"baggage", "sentry-trace", "x-requested-with", "cache-control"} {
				Expect(strings.ToLower(a.Header.Get("Access-Control-Allow-Headers"))).To(ContainSubstring(name))
			}
		}
	})

	It("refuses the refresh token's cookie from foreign pages", func() {
		cookie := client.Header("Cookie", "shema_refresh=x")
		for _, origin := range []string{"http://evil.test", "null"} {
			Expect(stranger().Post("/api/auth/refresh", map[string]any{"refresh_token": "x"}, cookie, client.Header("Origin", origin))).
				To(beRefused(403, "AUTH_FORBIDDEN"))
		}

		for _, origin := range []string{"http://localhost:5173", platform.Gateway} {
			Expect(stranger().Post("/api/auth/refresh", map[string]any{"refresh_token": "x"}, cookie, client.Header("Origin", origin))).
				To(beRefused(401, "AUTH_INVALID_REFRESH_TOKEN"))
		}
	})

	It("shows a Course that is called like an operation", func() {
		Expect(stranger().Get("/api/courses/stats")).To(beRefused(401, "AUTH_MISSING_TOKEN"))
		Expect(platform.Catalogue.Create(context.Background(), catalogue.Course("stats"))).To(Succeed())

		// The document says what admins are answered, so these answers are not held against it.
		Eventually(func(g Gomega) {
			response, err := http.Get(platform.Gateway + "/api/courses/stats")
			g.Expect(err).NotTo(HaveOccurred())

			defer response.Body.Close()

			var course struct{ Name string }
			g.Expect(json.NewDecoder(response.Body).Decode(&course)).To(Succeed())
			g.Expect(course.Name).To(Equal("stats"))
		}).Should(Succeed())
		Expect(read[struct{ Count int }](admin().Get("/api/courses/stats"), 200).Count).To(BeNumerically(">", 0))
	})

	It("serves its documents compressed and in JSON", func() {
		a := stranger().Get("/openapi.json", client.Header("Accept-Encoding", "gzip"))
		Expect(a.Header.Get("Content-Encoding")).To(Equal("gzip"))

		document := read[map[string]any](stranger().Get("/openapi.json"), 200)
		Expect(document).To(HaveKeyWithValue("openapi", HavePrefix("3.1")))
		Expect(string(stranger().Get("/asyncapi.yaml").Body)).To(MatchRegexp(`(?m)^asyncapi: '?3`))
	})
})
