package cors_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/cors"
)

func TestNew_Origins(t *testing.T) {
	cases := []struct{ reason, origin, wantErr string }{
		{"an origin", "http://localhost:5173", ""},
		{"without a port", "https://school.example", ""},
		{"a slash would never match", "https://school.example/", "is no origin"},
		{"credentials for all origins are not to be had", "*", "is no origin"},
		{"null is what any site's sandboxed page sends", "null", "is no origin"},
		{"a scheme is part of it", "school.example", "is no origin"},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			_, err := cors.New([]string{c.origin})
			if c.wantErr == "" {
				NewWithT(t).Expect(err).NotTo(HaveOccurred())
				return
			}

			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(c.wantErr)))
		})
	}
}

func TestPolicy_Apply(t *testing.T) {
	cases := []struct {
		reason, method, origin, asks string
		allowed, preflight           bool
	}{
		{reason: "a page on the list", method: "GET", origin: "http://localhost:5173", allowed: true},
		{reason: "a page that is not", method: "GET", origin: "http://localhost:5174"},
		{reason: "another scheme is another page", method: "GET", origin: "https://localhost:5173"},
		{reason: "no page at all", method: "GET"},
		{
			reason:    "a preflight",
			method:    "OPTIONS",
			origin:    "http://localhost:5173",
			asks:      "POST",
			allowed:   true,
			preflight: true,
		},
		{
			reason: "a preflight from elsewhere",
			method: "OPTIONS",
			origin: "http://evil.example",
			asks:   "POST",
		},
		{
			reason:  "not every OPTIONS is a preflight",
			method:  "OPTIONS",
			origin:  "http://localhost:5173",
			allowed: true,
		},
	}
	policy, err := cors.New([]string{"http://localhost:5173", "http://127.0.0.1:5173"})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			w, r := httptest.NewRecorder(), httptest.NewRequest(c.method, "/api/courses", nil)
			r.Header.Set("Origin", c.origin)
			r.Header.Set("Access-Control-Request-Method", c.asks)
			policy.Apply(w.Header(), r)
			g.Expect(policy.Preflight(w, r)).To(Equal(c.preflight))
			g.Expect(w.Header().Get("Vary")).To(ContainSubstring("Origin"))

			if !c.allowed {
				g.Expect(w.Header()).To(HaveLen(1), "no permission of any kind")

				return
			}

			g.Expect(w.Header().Get("Access-Control-Allow-Origin")).To(Equal(c.origin))
			g.Expect(w.Header().Get("Access-Control-Allow-Credentials")).To(Equal("true"))
			g.Expect(w.Header().Get("Access-Control-Expose-Headers")).To(Equal("X-Request-Id, ETag, Retry-After"))

			if c.preflight {
				g.Expect(w.Code).To(Equal(http.StatusNoContent))
				g.Expect(w.Header().Get("Access-Control-Allow-Methods")).To(Equal("GET, HEAD, POST, PUT, PATCH, DELETE"))
				g.Expect(w.Header().Get("Access-Control-Allow-Headers")).To(And(
					ContainSubstring("Idempotency-Key"), ContainSubstring("Baggage"), ContainSubstring("Sentry-Trace"),
					ContainSubstring("X-Requested-With"), ContainSubstring("Cache-Control")))
			}
		})
	}
}

func TestPolicy_Own(t *testing.T) {
	cases := []struct {
		reason, origin string
		want           bool
	}{
		{"no page sent it", "", true},
		{"the gateway's own host", "http://example.com", true},
		{"the same behind TLS", "https://example.com", true},
		{"a page on the list", "http://localhost:5173", true},
		{"another port", "http://example.com:8080", false},
		{"another page", "http://evil.example", false},
		{"a name that ends alike", "http://evil-example.com", false},
		{"a sandboxed page", "null", false},
	}

	policy, err := cors.New([]string{"http://localhost:5173"})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/api/auth/refresh", nil)
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}

			NewWithT(t).Expect(policy.Own(r)).To(Equal(c.want))
		})
	}
}
