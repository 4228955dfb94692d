package page_test

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/page"
)

type key struct {
	At time.Time
	ID string
}

func TestCursorsComeBack(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	want := key{At: time.Date(2026, 12, 1, 3, 0, 0, 123456000, time.UTC), ID: "x"}

	var got key
	g.Expect(page.Decode(page.Encode(want), &got)).To(Succeed())
	g.Expect(got).To(Equal(want))
}

func TestForeignCursorsAreRefused(t *testing.T) {
	t.Parallel()

	for name, cursor := range map[string]string{
		"empty": "", "garbage": "!!", "no JSON": "eA", "another key": page.Encode(map[string]int{"Other": 1}),
		"another type": page.Encode([]int{1}), "two": page.Encode(key{}) + page.Encode(key{}), "long": strings.Repeat("A", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			var got key

			err := page.Decode(cursor, &got)
			g.Expect(err).To(MatchError(errs.ValidationFailed))

			found, _ := errs.As(err)
			g.Expect(found.Fields()).To(ConsistOf(HaveField("Name", "cursor")))
		})
	}
}

func TestCut(t *testing.T) {
	t.Parallel()

	self := func(n int) any { return n }
	for name, tc := range map[string]struct {
		reason string
		items  []int
		kept   []int
		next   any
	}{
		"none": {"an empty list ends", nil, nil, nil},
		"less": {"a short page ends", []int{1}, []int{1}, nil},
		"full": {"a page that is just full ends", []int{1, 2}, []int{1, 2}, nil},
		"more": {"the key is that of the last item kept", []int{1, 2, 3}, []int{1, 2}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			kept, next := page.Cut(tc.items, 2, self)
			g.Expect(kept).To(Equal(tc.kept), tc.reason)

			if tc.next == nil {
				g.Expect(next).To(BeNil(), tc.reason)

				return
			}

			g.Expect(*next).To(Equal(page.Encode(tc.next)), tc.reason)
		})
	}
}
