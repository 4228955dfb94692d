package site_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/web/internal/brand"
	"github.com/shema-music/shema/web/internal/site"
)

var script = strings.Repeat("export const answer = 42;\n", 100)

// built is what the bundler would have made of a small website.
func built() fstest.MapFS {
	return fstest.MapFS{
		"manifest.json": {Data: []byte(`{
			"script": "assets/main-A.js", "imports": ["assets/chunk-B.js"], "style": "assets/main-C.css",
			"languages": {"en": "assets/en-D.js", "id": "assets/id-E.js"}, "pages": ["/", "/courses/:name", "/admin/people"]
		}`)},
		"assets/main-A.js":  {Data: []byte(script)},
		"assets/main-C.css": {Data: []byte("body{}")},
		"assets/en-D.js":    {Data: []byte("export default {}")},
		"assets/id-E.js":    {Data: []byte("export default {}")},
	}
}

func ask(t *testing.T, method, path string, headers ...string) *http.Response {
	t.Helper()

	s, err := site.New(built(), site.Options{Brand: brand.Default(), ImageSources: []string{"https://img.school.example"}})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}

	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)

	return w.Result()
}

func text(t *testing.T, response *http.Response) string {
	t.Helper()

	body, err := io.ReadAll(response.Body)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return string(body)
}

func TestSite_Pages(t *testing.T) {
	cases := map[string]struct {
		path, accept string
		status       int
		contentType  string
		reason       string
	}{
		"first page":       {"/", "", 200, "text/html; charset=utf-8", "a browser that asks for a page gets it"},
		"deep link":        {"/courses/piano-pemula", "text/html", 200, "text/html; charset=utf-8", "a link into the website works"},
		"longer than any":  {"/courses/piano/slots", "text/html", 404, "text/html; charset=utf-8", "people are shown a page that says so"},
		"unknown, program": {"/nope", "*/*", 404, "application/json; charset=utf-8", "programs get the API's error shape"},
		"API, no gateway":  {"/api/courses", "*/*", 503, "application/json; charset=utf-8", "it is away, not unknown"},
		"unknown asset":    {"/assets/main-OLD.js", "text/html", 404, "application/json; charset=utf-8", "a page in place of a script would only confuse"},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			response := ask(t, http.MethodGet, c.path, "Accept", c.accept)

			g.Expect(response.StatusCode).To(Equal(c.status), c.reason)
			g.Expect(response.Header.Get("Content-Type")).To(Equal(c.contentType), c.reason)
			g.Expect(response.Header.Get("X-Content-Type-Options")).To(Equal("nosniff"))
		})
	}
}

// No page runs what is written into it, asks another host, or is shown inside another page.
func TestSite_Policy(t *testing.T) {
	g := NewWithT(t)
	response := ask(t, http.MethodGet, "/")
	policy := response.Header.Get("Content-Security-Policy")

	g.Expect(policy).To(And(ContainSubstring("default-src 'none'"), ContainSubstring("script-src 'self';"), ContainSubstring("frame-ancestors 'none'")))
	g.Expect(policy).To(ContainSubstring("img-src 'self' data: https://img.school.example;"))
	g.Expect(policy).NotTo(ContainSubstring("unsafe"))
}

func TestSite_Language(t *testing.T) {
	cases := map[string]struct {
		headers []string
		lang    string
		reason  string
	}{
		"nothing said": {nil, "en", "English is for who names none"},
		"browser":      {[]string{"Accept-Language", "id-ID,id;q=0.9,en;q=0.8"}, "id", "the browser's language is taken"},
		"chosen":       {[]string{"Accept-Language", "id", "Cookie", "shema_language=en"}, "en", "a choice counts for more"},
		"nonsense":     {[]string{"Cookie", "shema_language=%22%3E%3Cscript%3E"}, "en", "only our languages are believed"},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			page := text(t, ask(t, http.MethodGet, "/", c.headers...))

			g.Expect(page).To(ContainSubstring(`<html lang="`+c.lang+`"`), c.reason)
			g.Expect(page).To(ContainSubstring(`<link rel="modulepreload" href="/assets/`+c.lang), "its sentences are fetched at once")
		})
	}
}

func TestSite_Assets(t *testing.T) {
	cases := map[string]struct{ accept, encoding, reason string }{
		"brotli":    {"gzip, br", "br", "the smaller one is preferred"},
		"gzip":      {"gzip;q=0.5", "gzip", "a weight is no refusal"},
		"refused":   {"br;q=0, gzip;q=0", "", "q=0 is one"},
		"none":      {"", "", "who says nothing gets it as it is"},
		"lookalike": {"brotli", "", "brotli is not the name of a coding"},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			response := ask(t, http.MethodGet, "/assets/main-A.js", "Accept-Encoding", c.accept)

			g.Expect(response.Header.Get("Content-Encoding")).To(Equal(c.encoding), c.reason)
			g.Expect(response.Header.Get("Cache-Control")).To(Equal("public, max-age=31536000, immutable"))
			g.Expect(response.Header.Values("Vary")).To(ContainElement("Accept-Encoding"))

			if c.encoding == "" {
				g.Expect(text(t, response)).To(Equal(script))
			} else {
				g.Expect(len(text(t, response))).To(BeNumerically("<", len(script)/5))
			}
		})
	}
}

// A page that has not changed is not sent again, and HEAD sends none.
func TestSite_Revalidation(t *testing.T) {
	g := NewWithT(t)
	first := ask(t, http.MethodGet, "/")
	again := ask(t, http.MethodGet, "/", "If-None-Match", first.Header.Get("ETag"))
	head := ask(t, http.MethodHead, "/")

	g.Expect(again.StatusCode).To(Equal(http.StatusNotModified))
	g.Expect(text(t, again)).To(BeEmpty())
	g.Expect(head.Header.Get("Content-Length")).To(Equal(first.Header.Get("Content-Length")))
	g.Expect(text(t, head)).To(BeEmpty())
}

func TestSite_Refusals(t *testing.T) {
	g := NewWithT(t)
	response := ask(t, http.MethodPost, "/", "Accept-Language", "id")

	var body struct {
		Error, Code string
		Details     map[string]any
	}
	g.Expect(json.Unmarshal([]byte(text(t, response)), &body)).To(Succeed())
	g.Expect(response.StatusCode).To(Equal(http.StatusMethodNotAllowed))
	g.Expect(response.Header.Get("Allow")).To(Equal("GET, HEAD"))
	g.Expect(body.Code).To(Equal("METHOD_NOT_ALLOWED"))
	g.Expect(body.Details).NotTo(BeNil())
}
