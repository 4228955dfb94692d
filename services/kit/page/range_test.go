package page_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/page"
)

func TestCheckRange(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	noon := time.Date(2027, 1, 4, 12, 0, 0, 0, time.UTC)

	for _, bounds := range [][2]*time.Time{
		{nil, nil},
		{&noon, nil},
		{nil, &noon},
		{&noon, &noon},
		{&noon, new(noon.Add(time.Microsecond))},
		{&noon, new(noon.In(time.FixedZone("WIB", 7*60*60)))},
	} {
		g.Expect(page.CheckRange(bounds[0], bounds[1])).To(Succeed())
	}

	g.Expect(page.CheckRange(&noon, new(noon.Add(-time.Microsecond)))).To(MatchError(errs.ValidationFailed))
}
