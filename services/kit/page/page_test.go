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

// Cursors come back.
func TestDecode_EncodedKey(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	want := key{At: time.Date(2026, 12, 1, 3, 0, 0, 123456000, time.UTC), ID: "x"}

	var got key
	g.Expect(page.Decode(page.Encode(want), &got)).To(Succeed())
	g.Expect(got).To(Equal(want))
}

// Foreign cursors are refused.
func TestDecode_ForeignCursor(t *testing.T) {
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

// A cursor that was handed out is taken, whatever title it holds.
func TestEncode_LongestTitles(t *testing.T) {
	t.Parallel()

	for _, letter := range []string{"a", "&", "<", "é", "語", "😀", `"`, `\\`} {
		t.Run(letter, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			want := key{At: time.Date(2026, 12, 1, 3, 0, 0, 123456789, time.UTC), ID: strings.Repeat(letter, 120)}

			cursor := page.Encode(want)

			var got key

			g.Expect(len(cursor)).To(BeNumerically("<=", 1024), "as long as the documents allow")
			g.Expect(page.Decode(cursor, &got)).To(Succeed())
			g.Expect(got).To(Equal(want))
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, cursor := range []string{"", "!!", page.Encode(key{ID: "x"}), page.Encode([]int{1}), "e30", strings.Repeat("A", 2000)} {
		f.Add(cursor)
	}

	f.Fuzz(func(t *testing.T, cursor string) {
		g := NewWithT(t)

		var got, again key
		if err := page.Decode(cursor, &got); err != nil {
			g.Expect(err).To(MatchError(errs.ValidationFailed), "never an outage")
			return
		}

		g.Expect(page.Decode(page.Encode(got), &again)).To(Succeed(), "what is taken can be handed out")
		g.Expect(again).To(Equal(got))
	})
}
