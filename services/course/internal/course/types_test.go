package course_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/errs"
)

func TestPriceReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	for stored, want := range map[string]string{
		"350000.00": "350000", "12.50": "12.50", "0.00": "0", "0.05": "0.05", "999999999999.99": "999999999999.99",
	} {
		g := NewWithT(t)
		g.Expect(course.Price(&stored)).To(HaveValue(Equal(want)))
	}
	NewWithT(t).Expect(course.Price(nil)).To(BeNil())
}

func TestTextThatNoColumnHolds(t *testing.T) {
	t.Parallel()
	cases := []struct {
		reason string
		query  course.CourseQuery
		fields []string
	}{
		{"ordinary text", course.CourseQuery{Text: "Für Elise 🎹", Instrument: "piano"}, nil},
		{"a NUL", course.CourseQuery{Text: "a\x00b"}, []string{"q"}},
		{"broken UTF-8", course.CourseQuery{Instrument: "\xff"}, []string{"instrument"}},
		{"everything at once", course.CourseQuery{Text: "\xff", Instrument: "\xff", After: &course.CourseKey{Title: "\x00"}},
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
	_, err := course.ParseRef("\xff")
	NewWithT(t).Expect(err).To(MatchError(course.ErrNotFound))
}
