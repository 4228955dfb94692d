package etag_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/etag"
)

func TestOf(t *testing.T) {
	g := NewWithT(t)

	g.Expect(etag.Of([]byte("{}"))).To(MatchRegexp(`^"[A-Za-z0-9_-]{24}"$`))
	g.Expect(etag.Of([]byte("{}"))).To(Equal(etag.Of([]byte("{}"))))
	g.Expect(etag.Of([]byte("{}"))).NotTo(Equal(etag.Of([]byte("{ }"))))
}

func TestKnown(t *testing.T) {
	tag := etag.Of([]byte("{}"))

	for reason, c := range map[string]struct {
		lines []string
		known bool
	}{
		"no header":              {nil, false},
		"an empty one":           {[]string{""}, false},
		"the tag":                {[]string{tag}, true},
		"of the compressed form": {[]string{"W/" + tag}, true},
		"another one":            {[]string{`"other"`}, false},
		"one of several":         {[]string{`"other", W/` + tag}, true},
		"in a later line":        {[]string{`"other"`, tag}, true},
		"anything":               {[]string{"*"}, true},
		"without quotes":         {[]string{tag[1 : len(tag)-1]}, false},
	} {
		t.Run(reason, func(t *testing.T) {
			NewWithT(t).Expect(etag.Known(c.lines, tag)).To(Equal(c.known))
		})
	}
}
