package rest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/rest"
)

// newSite has a home page and nothing else, and remembers the headers of the last request.
func newSite(t *testing.T) (*httptest.Server, *http.Header) {
	seen := http.Header{}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()

		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=60")
		w.Header().Set("Content-Security-Policy", "default-src 'self'")

		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNotFound)
		}

		_, _ = io.WriteString(w, "page "+r.URL.Path)
	}))
	t.Cleanup(site.Close)

	return site, &seen
}

// What is neither the API nor a document is the website's.
func TestGateway_Website(t *testing.T) {
	site, seen := newSite(t)
	w := newTestGateway(t, func(o *rest.Options) { o.WebUpstream = site.URL })

	got := w.do("GET", "/", header{"Authorization": "Bearer x", "Cookie": "a=b", "Accept-Language": "id"})
	w.Expect(got.StatusCode).To(Equal(http.StatusOK))
	w.Expect(got.body).To(Equal("page /"))
	w.Expect(got.Header.Values("Cache-Control")).To(Equal([]string{"public, max-age=60"}))
	w.Expect(got.Header.Get("Content-Security-Policy")).To(Equal("default-src 'self'"))
	w.Expect(*seen).NotTo(Or(HaveKey("Authorization"), HaveKey("Cookie")), "pages are public")
	w.Expect(seen.Get("Accept-Language")).To(Equal("id"))

	got = w.get("/nothing")
	w.Expect(got.StatusCode).To(Equal(http.StatusNotFound))
	w.Expect(got.body).To(Equal("page /nothing"), "the website has a page for that")

	got = w.do("GET", "/nothing", header{"Accept": "application/json"})
	w.Expect(got.StatusCode).To(Equal(http.StatusNotFound))
	w.Expect(got.refused().Code).To(Equal("NOT_FOUND"))

	head := w.do("HEAD", "/", nil)
	w.Expect(head.StatusCode).To(Equal(http.StatusOK))
	w.Expect(head.body).To(BeEmpty())

	for _, target := range []string{"/api", "/api/nothing", "/docs/nothing", "/internal/users", "/dapr/events/x", "/v1.0/invoke/x", "/openapi.txt", "/metrics"} {
		w.Expect(w.do("GET", target, header{"Accept": "text/html"}).refused().Code).To(Equal("NOT_FOUND"), target)
	}

	w.Expect(w.do("POST", "/", nil).refused().Code).To(Equal("NOT_FOUND"))
}

// A website that is away is an outage, and none is none.
func TestGateway_Website_Missing(t *testing.T) {
	site, _ := newSite(t)
	w := newTestGateway(t, func(o *rest.Options) { o.WebUpstream = site.URL })

	site.Close()

	got := w.get("/")
	w.Expect(got.StatusCode).To(Equal(http.StatusServiceUnavailable))
	w.Expect(got.Header.Get("Retry-After")).NotTo(BeEmpty())

	w = newTestGateway(t)
	w.Expect(w.do("GET", "/", header{"Accept": "application/json"}).refused().Code).To(Equal("NOT_FOUND"))

	w.options.WebUpstream = "school.example"
	_, err := rest.New(w.options)
	w.Expect(err).To(MatchError(ContainSubstring("WEB_UPSTREAM")))
}
