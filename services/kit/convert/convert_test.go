package convert_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/convert"
)

type level string

func TestOptional(t *testing.T) {
	g := NewWithT(t)

	g.Expect(convert.Optional[level](new("beginner"))).To(HaveValue(Equal(level("beginner"))))
	g.Expect(convert.Optional[string](new(level("")))).To(HaveValue(BeEmpty()), "an empty text is not a missing one")
	g.Expect(convert.Optional[string]((*level)(nil))).To(BeNil())
}

func TestAll(t *testing.T) {
	g := NewWithT(t)

	g.Expect(convert.All[level]([]string{"beginner", "advanced"})).To(Equal([]level{"beginner", "advanced"}))
	g.Expect(convert.All[level]([]string(nil))).To(And(BeEmpty(), Not(BeNil())), "rendered as a list")
}

func TestGiven(t *testing.T) {
	g := NewWithT(t)

	g.Expect(convert.Given[level]("beginner")).To(HaveValue(Equal(level("beginner"))))
	g.Expect(convert.Given[string](level(""))).To(BeNil())
}

func TestValue(t *testing.T) {
	g := NewWithT(t)

	g.Expect(convert.Value(new(7))).To(Equal(7))
	g.Expect(convert.Value[[]string](nil)).To(BeNil())
}
