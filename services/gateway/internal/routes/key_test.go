package routes_test

import (
	"net/url"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/routes"
)

var listSlots = &routes.Operation{
	Query: []routes.Parameter{{Name: "course_id"}, {Name: "cursor"}, {Name: "limit", Default: "20"}},
}

func TestOperation_Key(t *testing.T) {
	cases := []struct {
		reason, target, want string
		refused              bool
	}{
		{reason: "no query", target: "/api/courses", want: "/api/courses"},
		{reason: "the order does not matter", target: "/a?limit=5&course_id=1", want: "/a?course_id=1&limit=5"},
		{reason: "the default is no question of its own", target: "/a?limit=20&course_id=1", want: "/a?course_id=1"},
		{reason: "unknown parameters are refused", target: "/a?utm_source=x&limit=5", refused: true},
		{reason: "only unknown parameters", target: "/a?x=1", refused: true},
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
		{reason: "bytes that are no text", target: "/a?cursor=%ff", refused: true},
		{reason: "NUL", target: "/a?cursor=a%00", refused: true},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			u, err := url.Parse(c.target)
			g.Expect(err).NotTo(HaveOccurred())

			key, ok := listSlots.Key(u)
			g.Expect(ok).To(Equal(!c.refused))

			if ok {
				g.Expect(key).To(Equal(c.want))
			}
		})
	}
}

func TestOperation_Unknown(t *testing.T) {
	g := NewWithT(t)

	g.Expect(listSlots.Unknown(url.Values{"limit": {"5"}})).To(BeEmpty())
	g.Expect(listSlots.Unknown(url.Values{"limit": {"5"}, "z": {""}, "Limit": {"5"}})).To(Equal([]string{"Limit", "z"}))
}

// A key names its own question: asked by it, the same key comes out, and never a byte that the sidecar would refuse.
func FuzzOperation_Key(f *testing.F) {
	for _, seed := range []string{
		"/a", "/a?limit=5&course_id=1", "/a?limit=20", "/a?x=1", "/a?course%5Fid=%41", "/a?limit=5;cursor=6", "/a?limit=%zz",
		"/%E2%82%AC?cursor=%E2%82%AC", "/a?cursor=%ff", "/a?cursor=+%2B%20", "/a%3Fb?limit", "/a?&&limit=1&",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(u.Path, "/") { // Only paths have routes.
			return
		}

		key, ok := listSlots.Key(u)
		if !ok {
			return
		}

		again, err := url.ParseRequestURI(key)
		if err != nil {
			t.Fatalf("the key %q of %q is no address: %v", key, target, err)
		}

		if second, ok := listSlots.Key(again); !ok || second != key {
			t.Fatalf("the key of %q is %q, and of that %q", target, key, second)
		}

		if again.Path != u.Path || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Fatalf("the key of %q is %q", target, key)
		}
	})
}
