package cache

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestKey_Canonical(t *testing.T) {
	known := []string{"course_id", "cursor", "limit"}

	cases := []struct {
		reason, target, want string
		refused              bool
	}{
		{reason: "no query", target: "/api/courses", want: "/api/courses"},
		{
			reason: "the order does not matter",
			target: "/a?limit=5&course_id=1",
			want:   "/a?course_id=1&limit=5",
		},
		{reason: "unknown parameters mean nothing", target: "/a?utm_source=x&limit=5", want: "/a?limit=5"},
		{reason: "only unknown parameters", target: "/a?x=1", want: "/a"},
		{
			reason: "equal values written differently are one key",
			target: "/a?course%5Fid=%41",
			want:   "/a?course_id=A",
		},
		{
			reason: "a value cannot pass for another parameter",
			target: "/a?course_id=1%26limit%3D5",
			want:   "/a?course_id=1%26limit%3D5",
		},
		{reason: "a path cannot pass for a query", target: "/a%3Flimit=5", want: "/a%3Flimit=5"},
		{reason: "an empty value is not a missing one", target: "/a?limit=", want: "/a?limit="},
		{reason: "which of two would it be", target: "/a?limit=5&limit=6", refused: true},
		{reason: "semicolons are no separators", target: "/a?limit=5;cursor=6", refused: true},
		{reason: "broken escapes", target: "/a?limit=%zz", refused: true},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			u, err := url.Parse(c.target)
			g.Expect(err).NotTo(HaveOccurred())

			key, ok := Key(u, known)
			g.Expect(ok).To(Equal(!c.refused))
			g.Expect(key).To(Equal(c.want))
		})
	}
}

func TestAnswer_Send_Conditional(t *testing.T) {
	answer := NewAnswer([]byte(`{"items":[]}`), "application/json")

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
	one, same, other := NewAnswer([]byte("1"), "a"), NewAnswer([]byte("1"), "b"), NewAnswer([]byte("2"), "a")
	g.Expect(one.ETag()).To(Equal(same.ETag()))
	g.Expect(one.ETag()).NotTo(Equal(other.ETag()))
	g.Expect(one.ETag()).To(MatchRegexp(`^"[A-Za-z0-9_-]{24}"$`))
}
