package rest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// What passes is passed on as it was understood, in bytes that every sidecar takes, and means the same there.
func FuzzMalformed(f *testing.F) {
	for _, seed := range []string{
		"/api/courses", "/api/courses/%23", "/api/courses/%E2%82%AC?q=%ff", "/api/courses/a%00b", "/api/courses?q=%zz", "//x/../y",
	} {
		f.Add(seed, "text/html", "Accept")
	}

	f.Fuzz(func(t *testing.T, address, value, name string) {
		u, err := url.ParseRequestURI(address)
		if err != nil {
			return
		}

		r := &http.Request{Method: http.MethodGet, URL: u, RequestURI: address, Header: http.Header{name: {value}}}
		if malformed(r) != nil {
			return
		}

		sent := target(u)
		if len(sent) > maxURI || len(value) > maxHeaders || !utf8.ValidString(value) {
			t.Fatalf("%q with %q passes", address, value)
		}

		again, err := url.ParseRequestURI(sent)
		if err != nil || again.Path != u.Path || again.RawQuery != u.RawQuery {
			t.Fatalf("%q is passed on as %q", address, sent)
		}

		if strings.ContainsAny(again.Path, "#?%\x00") || !utf8.ValidString(again.Path) {
			t.Fatalf("the path of %q passes", address)
		}
	})
}
