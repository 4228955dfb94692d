package rest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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

// A website that is away is an outage: people are shown a page that says so, programs get the error shape.
func TestGateway_Website_Away(t *testing.T) {
	site, _ := newSite(t)
	site.Close()

	// What a browser says when a person opens a page.
	const opens = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

	for name, c := range map[string]struct {
		accept string
		page   bool
		reason string
	}{
		"a person":         {opens, true, "JSON is nothing for people"},
		"its old picture":  {"image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8", false, "no page is wanted in a picture's place"},
		"its script":       {"*/*", false, "nor in a script's"},
		"a program":        {"application/json", false, "contract §2"},
		"an older program": {"application/json, text/html;q=0.5", false, "JSON is preferred"},
		"nothing said":     {"", false, "the error shape is for everybody else"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestGateway(t, func(o *rest.Options) { o.WebUpstream = site.URL })

			got := w.do("GET", "/courses/piano", header{"Accept": c.accept})

			w.Expect(got.StatusCode).To(Equal(http.StatusServiceUnavailable))
			w.Expect(got.Header.Get("Retry-After")).NotTo(BeEmpty())
			w.Expect(got.Header.Values("Cache-Control")).To(Equal([]string{"no-store"}))

			const page = "text/html; charset=utf-8"
			if !c.page {
				w.Expect(got.Header.Get("Content-Type")).NotTo(Equal(page), c.reason)
				w.Expect(got.refused().Code).To(Equal("SERVICE_UNAVAILABLE"), c.reason)
				return
			}

			w.Expect(got.Header.Get("Content-Type")).To(Equal(page), c.reason)
			w.Expect(got.body).To(And(ContainSubstring("Situs ini segera kembali"), ContainSubstring("The website is away for a moment")))
			w.Expect(got.Header.Get("Refresh")).To(Equal("10"), "the browser asks again by itself")
			w.Expect(got.Header.Get("X-Content-Type-Options")).To(Equal("nosniff"))
			expectSelfContained(w, got)
		})
	}
}

// expectSelfContained looks for what the page's policy would not let it use, and for what it would have to fetch.
func expectSelfContained(w *testGateway, got reply) {
	w.t.Helper()

	policy := got.Header.Get("Content-Security-Policy")
	_, rest, _ := strings.Cut(got.body, "<style>")
	style, rest, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))

	w.Expect(policy).To(HavePrefix("default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"))
	w.Expect(policy).NotTo(Or(ContainSubstring("unsafe"), ContainSubstring("script-src")))
	w.Expect(rest).NotTo(Or(ContainSubstring("<script"), ContainSubstring("<style"), ContainSubstring("style="), ContainSubstring("src=")))
	w.Expect(style).NotTo(ContainSubstring("url("))
}

// No website is none.
func TestGateway_Website_None(t *testing.T) {
	w := newTestGateway(t)
	w.Expect(w.do("GET", "/", header{"Accept": "application/json"}).refused().Code).To(Equal("NOT_FOUND"))

	w.options.WebUpstream = "school.example"
	_, err := rest.New(w.options)
	w.Expect(err).To(MatchError(ContainSubstring("WEB_UPSTREAM")))
}
