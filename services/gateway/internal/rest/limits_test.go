package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/kit/auth"
)

func TestGateway_AcceptLanguage(t *testing.T) {
	w := newTestGateway(t)
	got := w.do("GET", "/api/users/me", header{"Accept-Language": "id-ID,id;q=0.9,en;q=0.5"})
	w.Expect(got.refused().Error).To(Equal("Silakan masuk terlebih dahulu."))
	w.Expect(w.get("/api/users/me").refused().Error).To(Equal("Please sign in first."))
}

func TestGateway_RateLimit(t *testing.T) {
	w := newTestGateway(t, func(o *rest.Options) { o.SignInsPerSecond, o.RequestsPerSecond = 2, 4 })
	count := func(method, target string, tries int) (allowed int) {
		for range tries {
			got := w.do(method, target, header{"Origin": page})
			if got.StatusCode == http.StatusTooManyRequests {
				w.Expect(got.refused().Code).To(Equal("RATE_LIMITED"))
				w.Expect(got.Header.Get("Retry-After")).To(Equal("1"))
				w.Expect(got.Header.Get("Access-Control-Allow-Origin")).To(Equal(page))

				continue
			}

			allowed++
		}

		return allowed
	}
	w.Expect(count("POST", "/api/auth/login", 5)).To(Equal(2))
	w.Expect(count("POST", "/api/auth/register", 2)).To(Equal(0), "both ways to sign in count together")
	w.Expect(count("GET", "/api/nothing", 10)).To(Equal(4), "they have a limit of their own; guessing paths is counted too")
	w.Expect(count("GET", "/healthz", 20)).To(Equal(20))
	w.Expect(count("GET", "/readyz", 20)).To(Equal(20))
	w.Eventually(func() int { return w.get("/api/courses").StatusCode }).Should(Equal(http.StatusOK))
}

// Limits count the client behind a trusted proxy.
func TestGateway_RateLimit_TrustedProxy(t *testing.T) {
	w := newTestGateway(t, trusting("127.0.0.0/8"), func(o *rest.Options) { o.RequestsPerSecond = 1 })
	ask := func(client string) int {
		return w.do("GET", "/api/courses", header{"X-Forwarded-For": client}).StatusCode
	}
	w.Expect(ask("1.1.1.1")).To(Equal(http.StatusOK))
	w.Expect(ask("1.1.1.1")).To(Equal(http.StatusTooManyRequests))
	w.Expect(ask("1.1.1.2")).To(Equal(http.StatusOK))
	w.Expect(ask("2001:db8::1")).To(Equal(http.StatusOK))
	w.Expect(ask("2001:db8::2")).To(Equal(http.StatusTooManyRequests))
}

func TestGateway_CORS_Preflight(t *testing.T) {
	w := newTestGateway(t)
	ask := func(origin, target, method string) reply {
		return w.do("OPTIONS", target, header{"Origin": origin, "Access-Control-Request-Method": method})
	}

	for _, target := range []string{"/api/bookings/create", "/api/nothing", "/api/courses/../x", "/", "/api/courses?strange=1"} {
		for _, method := range []string{"POST", "DELETE"} {
			got := ask(page, target, method)
			w.Expect(got.StatusCode).To(Equal(http.StatusNoContent), target)
			w.Expect(got.Header.Get("Access-Control-Allow-Methods")).To(ContainSubstring(method))
			w.Expect(got.Header.Get("Access-Control-Allow-Origin")).To(Equal(page))
			w.Expect(got.Header.Get("Access-Control-Allow-Credentials")).To(Equal("true"))
			w.Expect(strings.Split(got.Header.Get("Vary"), ", ")).To(ContainElement("Origin"))
		}
	}

	got := ask("http://evil.example", "/api/bookings/create", "POST")
	w.Expect(got.StatusCode).To(Equal(http.StatusMethodNotAllowed))
	w.Expect(got.Header).NotTo(HaveKey("Access-Control-Allow-Origin"))
	w.Expect(got.Header.Get("Vary")).To(HavePrefix("Origin"))
}

func TestGateway_Documents(t *testing.T) {
	w := newTestGateway(t)

	cases := []struct{ path, contentType, holds string }{
		{"/openapi.yaml", "application/yaml", "openapi: 3.1.0"},
		{"/openapi.json", "application/json", `"openapi": "3.1.0"`},
		{"/asyncapi.yaml", "application/yaml", "asyncapi: 3"},
		{"/docs/start.js", "text/javascript; charset=utf-8", "SwaggerUIBundle"},
		{"/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", "swagger"},
		{"/docs/swagger-ui.css", "text/css; charset=utf-8", "swagger"},
	}
	for _, c := range cases {
		t.Run(c.path, func(t *testing.T) {
			g := NewWithT(t)
			got := w.do("GET", c.path, header{"Accept-Encoding": "identity"})
			g.Expect(got.StatusCode).To(Equal(http.StatusOK))
			g.Expect(got.Header.Get("Content-Type")).To(Equal(c.contentType))
			g.Expect(got.Header.Get("Content-Encoding")).To(BeEmpty())
			g.Expect(got.body).To(ContainSubstring(c.holds))

			zipped := w.do("GET", c.path, header{"Accept-Encoding": "gzip"})
			if len(got.body) > 1<<10 {
				g.Expect(zipped.Header.Get("Content-Encoding")).To(Equal("gzip"))
				g.Expect(len(zipped.body)).To(BeNumerically("<", len(got.body)/2))
			}

			for _, tag := range []string{got.Header.Get("ETag"), zipped.Header.Get("ETag")} {
				known := w.do("GET", c.path, header{"If-None-Match": tag, "Accept-Encoding": "gzip"})
				g.Expect(known.StatusCode).To(Equal(http.StatusNotModified))
			}
		})
	}

	got := w.get("/docs")
	w.Expect(got.Header.Get("Content-Security-Policy")).To(ContainSubstring("default-src 'none'"))
	w.Expect(got.body).NotTo(MatchRegexp(`(src|href)="https?:`), "nothing is loaded from elsewhere")

	for _, file := range []string{"/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/start.js"} {
		w.Expect(got.body).To(ContainSubstring(`"` + file + `"`))
	}

	w.Expect(w.get("/docs/docs.go").StatusCode).To(Equal(http.StatusNotFound))
}

// A person has a budget of their own, from whatever addresses they ask.
func TestGateway_RateLimit_Person(t *testing.T) {
	w := newTestGateway(t, trusting("127.0.0.0/8"), func(o *rest.Options) { o.PersonRequestsPerSecond = 3 })
	h, other := bearer(w.token(auth.Student)), bearer(w.token(auth.Student))

	for i := range 3 {
		h["X-Forwarded-For"] = fmt.Sprintf("1.1.1.%d", i)
		w.Expect(w.do("GET", "/api/users/me", h).StatusCode).To(Equal(http.StatusOK))
	}

	h["X-Forwarded-For"] = "1.1.1.9"
	got := w.do("GET", "/api/users/me", h)
	w.Expect(got.refused().Code).To(Equal("RATE_LIMITED"))
	w.Expect(got.Header.Get("Retry-After")).To(Equal("1"))
	w.Expect(w.do("GET", "/api/users/me", other).StatusCode).To(Equal(http.StatusOK), "another person's is another")
}
