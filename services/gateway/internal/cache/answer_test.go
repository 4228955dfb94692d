package cache

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestAnswer_Send_Conditional(t *testing.T) {
	answer := NewAnswer([]byte(`{"items":[]}`), "application/json", 0)

	cases := []struct {
		reason, method, ifNoneMatch string
		want                        int
	}{
		{"nothing known", http.MethodGet, "", http.StatusOK},
		{"the same", http.MethodGet, answer.ETag(), http.StatusNotModified},
		{"proxies weaken tags", http.MethodGet, "W/" + answer.ETag(), http.StatusNotModified},
		{"one of several", http.MethodGet, `"old", ` + answer.ETag(), http.StatusNotModified},
		{"any", http.MethodGet, "*", http.StatusNotModified},
		{"another", http.MethodGet, `"old"`, http.StatusOK},
		{"a tag has quotes", http.MethodGet, strings.Trim(answer.ETag(), `"`), http.StatusOK},
		{"HEAD too", http.MethodHead, answer.ETag(), http.StatusNotModified},
		{"HEAD has no body", http.MethodHead, "", http.StatusOK},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)

			w, r := httptest.NewRecorder(), httptest.NewRequest(c.method, "/api/courses", nil)
			if c.ifNoneMatch != "" {
				r.Header.Set("If-None-Match", c.ifNoneMatch)
			}

			g.Expect(answer.Send(w, r)).To(Equal(c.want))
			g.Expect(w.Code).To(Equal(c.want))
			g.Expect(w.Header().Get("ETag")).To(Equal(answer.ETag()))
			g.Expect(w.Header().Get("Cache-Control")).To(Equal("public, no-cache"))

			if c.want == http.StatusOK && c.method == http.MethodGet {
				g.Expect(w.Body.String()).To(Equal(`{"items":[]}`))

				return
			}

			g.Expect(w.Body.Len()).To(BeZero())
		})
	}
}

// The ETag follows the body.
func TestAnswer_ETag_DependsOnBody(t *testing.T) {
	g := NewWithT(t)
	one, same, other := NewAnswer([]byte("1"), "a", 0), NewAnswer([]byte("1"), "b", 0), NewAnswer([]byte("2"), "a", 0)
	g.Expect(one.ETag()).To(Equal(same.ETag()))
	g.Expect(one.ETag()).NotTo(Equal(other.ETag()))
	g.Expect(one.ETag()).To(MatchRegexp(`^"[A-Za-z0-9_-]{24}"$`))
}

// Who accepts gzip gets the compressed form, with a tag of its own; either tag names the answer.
func TestAnswer_Send_Compressed(t *testing.T) {
	g := NewWithT(t)
	long := strings.Repeat(`{"id":1}`, 500)
	answer := NewAnswer([]byte(long), "application/json", 5*time.Minute)

	ask := func(accept, known string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/courses", nil)
		r.Header.Set("Accept-Encoding", accept)
		r.Header.Set("If-None-Match", known)

		_, err := answer.Send(w, r)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(answer.Length(r)).To(Or(Equal(w.Body.Len()), Equal(len(long)), BeNumerically("<", len(long)/10)))

		return w
	}

	zipped := ask("gzip, br", "")
	g.Expect(zipped.Header().Get("Content-Encoding")).To(Equal("gzip"))
	g.Expect(zipped.Header().Get("Content-Length")).To(Equal(strconv.Itoa(zipped.Body.Len())))
	g.Expect(zipped.Header().Get("Cache-Control")).To(Equal("public, max-age=300"))

	r, err := gzip.NewReader(zipped.Body)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(io.ReadAll(r)).To(BeEquivalentTo(long))

	plain := ask("", "")
	g.Expect(plain.Body.String()).To(Equal(long))
	g.Expect(plain.Header()).NotTo(HaveKey("Content-Encoding"))
	g.Expect(plain.Header().Get("ETag")).NotTo(Equal(zipped.Header().Get("ETag")))

	for _, tag := range []string{plain.Header().Get("ETag"), zipped.Header().Get("ETag")} {
		g.Expect(ask("gzip", tag).Code).To(Equal(http.StatusNotModified))
		g.Expect(ask("", tag).Code).To(Equal(http.StatusNotModified))
	}
}
