package specreport_test

import (
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/specreport"
)

func TestVerdicts_Print(t *testing.T) {
	g := NewWithT(t)

	var (
		v   specreport.Verdicts
		out strings.Builder
	)

	v.Note(types.SpecReport{
		LeafNodeText: "fails",
		State:        types.SpecStateFailed,
		Failure:      types.Failure{Message: "Wanted 1, got 2"},
	})
	v.Note(types.SpecReport{
		LeafNodeText:     "wavers",
		State:            types.SpecStatePassed,
		NumAttempts:      2,
		MaxFlakeAttempts: 2,
	})
	v.Note(types.SpecReport{
		LeafNodeText: "passes",
		State:        types.SpecStatePassed,
		NumAttempts:  1,
	})
	v.Print(&out)

	g.Expect(out.String()).To(HavePrefix("failed: fails\n"))
	g.Expect(out.String()).To(ContainSubstring("Wanted 1, got 2\npassed in attempt 2: wavers\n"))
	g.Expect(out.String()).NotTo(ContainSubstring("passes"))
}
