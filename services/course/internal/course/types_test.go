package course_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/course/internal/course"
)

func TestPrice(t *testing.T) {
	t.Parallel()

	for stored, want := range map[string]string{
		"350000.00": "350000", "12.50": "12.50", "0.00": "0", "0.05": "0.05", "999999999999.99": "999999999999.99",
	} {
		g := NewWithT(t)
		g.Expect(course.Price(&stored)).To(HaveValue(Equal(want)))
	}

	NewWithT(t).Expect(course.Price(nil)).To(BeNil())
}

func TestQuery_Check_ForbiddenText(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason string
		query  course.Query
		fields []string
	}{
		{"ordinary text", course.Query{Text: "Für Elise 🎹", Instrument: "piano"}, nil},
		{"a NUL", course.Query{Text: "a\x00b"}, []string{"q"}},
		{"broken UTF-8", course.Query{Instrument: "\xff"}, []string{"instrument"}},
		{"everything at once", course.Query{
			Text:       "\xff",
			Instrument: "\xff",
			After:      &course.Key{Title: "\x00"},
		},
			[]string{"instrument", "q", "cursor"}},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			err := c.query.Check()
			if c.fields == nil {
				g.Expect(err).NotTo(HaveOccurred())

				return
			}

			found, ok := errs.As(err)
			g.Expect(ok).To(BeTrue())

			var names []string
			for _, field := range found.Fields() {
				names = append(names, field.Name)
			}

			g.Expect(names).To(Equal(c.fields))
		})
	}
}

func TestParseRef(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	id := uuid.MustParse("019a0000-0000-7000-8000-00000000abcd")

	cases := []struct {
		reason, text string
		want         course.Ref
	}{
		{"a name", "piano-beginner", course.Ref{Name: "piano-beginner"}},
		{"an id, which may also be a name", id.String(), course.Ref{ID: id, Name: id.String()}},
		{"an id in capitals", strings.ToUpper(id.String()), course.Ref{ID: id, Name: id.String()}},
		{"a name that a path knows as another word", "name:stats", course.Ref{Name: "stats"}},
		{"a name that looks like an id", "name:" + id.String(), course.Ref{Name: id.String()}},
		{"32 digits are a name", "019a000000007000800000000000abcd", course.Ref{Name: "019a000000007000800000000000abcd"}},
	}
	for _, c := range cases {
		g.Expect(course.ParseRef(c.text)).To(Equal(c.want), c.reason)
	}

	_, err := course.ParseRef("\xff")
	g.Expect(err).To(MatchError(courseerrs.NotFound))
}
