package page_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/page"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	end := &key{ID: "x"}

	g.Expect(page.Ask[key](nil, nil)).To(Equal(page.Query[key]{Limit: page.DefaultLimit}), "the first page, in the contract's size")
	g.Expect(page.Ask[key](new(""), new(5))).To(Equal(page.Query[key]{Limit: 5}), "an empty cursor is none")
	g.Expect(page.Ask[key](page.Next(end), new(5))).To(Equal(page.Query[key]{After: end, Limit: 5}))

	_, err := page.Ask[key](new("nonsense"), nil)
	g.Expect(err).To(MatchError(errs.ValidationFailed))

	g.Expect(page.Next[key](nil)).To(BeNil(), "the last page has no successor")
}
