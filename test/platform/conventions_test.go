package platform_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Conventions", func() {
	DescribeTable("unknown, internal and ambiguous addresses are refused", func(method, path string) {
		Expect(stranger().Do(method, path, nil)).To(beRefused(404, "NOT_FOUND"))
	},
		Entry(nil, "GET", "/api"), Entry(nil, "GET", "/api/nothing"),
		Entry(nil, "GET", "/api/courses/"), Entry(nil, "GET", "/api/chat/nothing"),
		Entry(nil, "POST", "/internal/reservations"), Entry(nil, "GET", "/internal/users?ids="+uuid.NewString()),
		Entry(nil, "GET", "/internal/users/"+uuid.NewString()+"/sessions/"+uuid.NewString()),
		Entry(nil, "POST", "/dapr/events/booking.created"), Entry(nil, "POST", "/dapr/bindings/booking-expiry-sweep"),
		Entry(nil, "GET", "/dapr/subscribe"), Entry(nil, "GET", "/metrics"),
		Entry(nil, "GET", "/v1.0/invoke/course-service/method/api/courses"),
		Entry(nil, "GET", "/api/courses/..%2f..%2finternal%2fusers"), Entry(nil, "GET", "/api%2Fcourses"),
		Entry(nil, "GET", "/api/courses/%2e%2e/users"), Entry(nil, "GET", "/api/courses/x%5c..%5cy"),
		Entry(nil, "GET", "/api/courses/../users"), Entry(nil, "GET", "/api//courses"), Entry(nil, "GET", "/api/courses/%00"),
	)

	DescribeTable("known addresses refuse other methods", func(method, path string) {
		Expect(stranger().Do(method, path, nil)).To(beRefused(405, "METHOD_NOT_ALLOWED"))
	},
		Entry(nil, "DELETE", "/api/courses"), Entry(nil, "GET", "/api/auth/login"), Entry(nil, "PUT", "/api/users/me"),
		Entry(nil, "POST", "/api/schedules/available"), Entry(nil, "DELETE", "/api/bookings/"+uuid.NewString()),
		Entry(nil, "POST", "/openapi.yaml"), Entry(nil, "PUT", "/docs"),
	)

	DescribeTable("bodies are refused in the right words", func(body, contentType string, status int, code string) {
		a := stranger().Post("/api/auth/login", client.Raw(body), client.Header("Content-Type", contentType))
		Expect(a).To(beRefused(status, code))
	},
		Entry("cut off", `{"email": "a@b.test", "pass`, "application/json", 400, "VALIDATION_MALFORMED_JSON"),
		Entry("not JSON", `email=a`, "application/json", 400, "VALIDATION_MALFORMED_JSON"),
		Entry("two values", `{"email":"a@b.test","password":"x"} {}`, "application/json", 400, "VALIDATION_MALFORMED_JSON"),
		Entry("nothing", ``, "application/json", 400, "VALIDATION_MALFORMED_JSON"),
		Entry("a list", `[]`, "application/json", 400, "VALIDATION_FAILED"),
		Entry("null", `null`, "application/json", 400, "VALIDATION_FAILED"),
		Entry("an unknown field", `{"email":"a@b.test","password":"x","admin":true}`, "application/json", 400, "VALIDATION_FAILED"),
		Entry("a NUL", `{"email":"a\u0000@b.test","password":"x"}`, "application/json", 400, "VALIDATION_FAILED"),
		Entry("a form", `email=a&password=b`, "application/x-www-form-urlencoded", 415, "VALIDATION_UNSUPPORTED_MEDIA_TYPE"),
		Entry("no type", `{"email":"a@b.test","password":"x"}`, "", 415, "VALIDATION_UNSUPPORTED_MEDIA_TYPE"),
		Entry("text", `{"email":"a@b.test","password":"x"}`, "text/plain", 415, "VALIDATION_UNSUPPORTED_MEDIA_TYPE"),
		Entry("too large", `{"email":"`+strings.Repeat("a", 1<<20)+`"}`, "application/json", 413, "VALIDATION_TOO_LARGE"),
		Entry("a charset", `{"email":"unknown@b.test","password":"salah-123"}`, "application/json; charset=utf-8", 401, "AUTH_INVALID_CREDENTIALS"),
	)

	It("refuses a large body whose length is not said", func() {
		body := io.MultiReader(strings.NewReader(`{"email":"`), strings.NewReader(strings.Repeat("a", 2<<20)))
		request, err := http.NewRequest(http.MethodPost, platform.Gateway+"/api/auth/login", io.NopCloser(body))
		Expect(err).NotTo(HaveOccurred())

		request.Header.Set("Content-Type", "application/json")
		response, err := transport.RoundTrip(request)
		Expect(err).NotTo(HaveOccurred())

		defer response.Body.Close()

		Expect(response.StatusCode).To(Equal(413))
	})

	DescribeTable("bad parameters are named, all at once", func(query string, fields ...string) {
		a := stranger().Get("/api/courses?" + query)
		Expect(a).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(a.Fields()).To(HaveLen(len(fields)))

		for _, f := range fields {
			Expect(a.Fields()).To(HaveKey(f))
		}
	},
		Entry(nil, "limit=0", "limit"), Entry(nil, "limit=101", "limit"), Entry(nil, "limit=ten", "limit"),
		Entry(nil, "limit=-1", "limit"), Entry(nil, "limit=2.5", "limit"), Entry(nil, "limit=", "limit"),
		Entry(nil, "limit=1e2", "limit"), Entry(nil, "limit=1.0", "limit"), Entry(nil, "limit=%205", "limit"), Entry(nil, "limit=+5", "limit"),
		Entry(nil, "limit=5&limit=6", "limit"), Entry(nil, "cursor=not-a-cursor", "cursor"),
		Entry(nil, "limit=0&level=genius&price_category=free", "limit", "level", "price_category"),
	)

	It("refuses ids that are none", func() {
		Expect(admin().Get("/api/users/42")).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(stranger().Get("/api/schedules/available?course_id=piano")).To(beRefused(400, "VALIDATION_FAILED"))
	})

	It("echoes a request id, makes one, and does not repeat a harmful one", func() {
		c := stranger()
		Expect(c.Get("/api/courses", client.Header("X-Request-Id", "uji-1")).Header.Get("X-Request-Id")).To(Equal("uji-1"))

		made := c.Get("/api/courses").Header.Get("X-Request-Id")
		Expect(made).NotTo(BeEmpty())
		Expect(c.Get("/api/courses").Header.Get("X-Request-Id")).NotTo(Equal(made))

		harmful := strings.Repeat("x", 5000)
		Expect(c.Get("/api/courses", client.Header("X-Request-Id", harmful)).Header.Get("X-Request-Id")).NotTo(Equal(harmful))
	})

	It("answers within the trace of the caller", func() {
		trace := "4bf92f3577b34da6a3ce929d0e0e4736"
		for _, path := range []string{"/api/courses", "/api/users/me", "/nothing"} {
			a := stranger().Get(path, client.Header("Traceparent", "00-"+trace+"-00f067aa0ba902b7-01"))
			Expect(a.Header.Get("Traceparent")).To(MatchRegexp(`^00-` + trace + `-[0-9a-f]{16}-0[01]$`))
		}

		Expect(stranger().Get("/api/courses").Header.Get("Traceparent")).To(MatchRegexp(`^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$`))
	})

	It("speaks Indonesian to those who ask for it", func() {
		english, indonesian := client.Header("Accept-Language", "en-GB"), client.Header("Accept-Language", "id-ID,id;q=0.9,en;q=0.5")
		for _, a := range [][2]client.Answer{
			{stranger().Get("/nothing", english), stranger().Get("/nothing", indonesian)},
			{stranger().Get("/api/users/me", english), stranger().Get("/api/users/me", indonesian)},
			{stranger().Post("/api/auth/login", map[string]any{}, english), stranger().Post("/api/auth/login", map[string]any{}, indonesian)},
			{stranger().Get("/api/courses/tidak-ada", english), stranger().Get("/api/courses/tidak-ada", indonesian)},
		} {
			Expect(a[1].Code()).To(Equal(a[0].Code()))
			Expect(a[1].Refusal().Error).NotTo(Equal(a[0].Refusal().Error))
		}

		Expect(stranger().Get("/nothing").Refusal().Error).To(Equal(stranger().Get("/nothing", english).Refusal().Error))
		Expect(stranger().Get("/nothing", client.Header("Accept-Language", "id;Q=0.1, en;q=0.9")).Refusal().Error).
			To(Equal(stranger().Get("/nothing", english).Refusal().Error))
		Expect(stranger().Post("/api/auth/login", map[string]any{}, indonesian).Fields()).To(HaveKeyWithValue("email", "wajib diisi"))
	})

	It("lets the listed origins in, with credentials, and no others", func() {
		preflight := func(origin string) client.Answer {
			return stranger().Do("OPTIONS", "/api/bookings/create", nil, client.Header("Origin", origin),
				client.Header("Access-Control-Request-Method", "POST"),
				client.Header("Access-Control-Request-Headers", "authorization,content-type,idempotency-key"))
		}
		for _, origin := range []string{"http://localhost:5173", "http://127.0.0.1:5173"} {
			a := preflight(origin)
			Expect(a.OK()).To(BeTrue(), a.String())
			Expect(a.Header.Get("Access-Control-Allow-Origin")).To(Equal(origin))
			Expect(a.Header.Get("Access-Control-Allow-Credentials")).To(Equal("true"))
			Expect(a.Header.Get("Access-Control-Allow-Methods")).To(ContainSubstring("POST"))
			Expect(strings.ToLower(a.Header.Get("Access-Control-Allow-Headers"))).To(ContainSubstring("idempotency-key"))

			a = stranger().Get("/api/courses", client.Header("Origin", origin))
			Expect(a.Header.Get("Access-Control-Allow-Origin")).To(Equal(origin))
			Expect(a.Header.Values("Vary")).To(ContainElement(ContainSubstring("Origin")))
		}

		for _, origin := range []string{"http://localhost:5174", "https://localhost:5173", "http://localhost:5173.evil.test", "null"} {
			Expect(preflight(origin).Header).NotTo(HaveKey("Access-Control-Allow-Origin"))

			a := stranger().Get("/api/courses", client.Header("Origin", origin))
			Expect(a.Header).NotTo(HaveKey("Access-Control-Allow-Origin"))
			Expect(a.Header).NotTo(HaveKey("Access-Control-Allow-Credentials"))
		}
	})

	It("serves its document and a page to read it that loads nothing from elsewhere", func() {
		a := stranger().Get("/openapi.yaml")
		Expect(a).To(succeed(200))
		Expect(string(a.Body)).To(MatchRegexp(`(?m)^openapi: 3\.1`))
		Expect(string(a.Body)).NotTo(MatchRegexp(`(?m)^\s+/internal/`))

		docs := stranger().Get("/docs")
		Expect(docs).To(succeed(200))
		Expect(docs.Header.Get("Content-Type")).To(HavePrefix("text/html"))

		loads := regexp.MustCompile(`(?i)(?:src|href)\s*=\s*["']?([^"'\s>]+)`).FindAllStringSubmatch(string(docs.Body), -1)
		for _, load := range loads {
			Expect(load[1]).NotTo(MatchRegexp(`^(https?:)?//`))

			if strings.HasPrefix(load[1], "/") {
				Expect(stranger().Get(load[1])).To(succeed(200))
			}
		}

		Expect(stranger().Get("/healthz")).To(succeed(200))
		Expect(stranger().Get("/readyz")).To(succeed(200))
	})

	It("survives what is not HTTP", func() {
		address := strings.TrimPrefix(platform.Gateway, "http://")
		for _, garbage := range []string{"\x16\x03\x01\x02\x00", "GET / HTTP/9.9\r\n\r\n", "GET /api/courses HTTP/1.1\r\nHost: x\r\nX: " +
			strings.Repeat("y", 64<<10) + "\r\n\r\n"} {
			conn, err := net.Dial("tcp", address)
			Expect(err).NotTo(HaveOccurred())

			_, _ = fmt.Fprint(conn, garbage)
			Expect(conn.Close()).To(Succeed())
		}

		Expect(stranger().Get("/api/courses")).To(succeed(200))
	})
})
