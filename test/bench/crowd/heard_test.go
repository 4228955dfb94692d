package crowd //nolint:testpackage // what a device knows is its own business

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestDevice_Heard(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	var h heard

	hear := func(seq int64, news, doubled bool, reason string) {
		t.Helper()

		gotNews, gotDoubled := h.hear(seq)
		g.Expect([]bool{gotNews, gotDoubled}).To(Equal([]bool{news, doubled}), reason)
	}

	h.begin(7, true)
	hear(8, true, false, "the first message after those that were there")
	hear(8, false, true, "again over the same connection")
	hear(7, false, true, "one from before the first connection")
	g.Expect(h.know(9)).To(BeTrue(), "an acknowledgement")

	hear(12, true, false, "10 and 11 are on their way")
	g.Expect(h.upTo).To(BeEquivalentTo(9))

	h.begin(14, false)
	g.Expect(h.resume(14)).To(BeEquivalentTo(9))

	hear(15, true, false, "said before the answer to the resume frame began")
	hear(10, true, false, "the answer begins")
	hear(11, true, false, "what was missed")
	hear(12, false, false, "what was heard over the last connection is repeated")
	hear(13, true, false, "what was missed")
	hear(14, true, false, "what was missed")
	hear(15, false, false, "what was heard over this connection before the answer is repeated")
	hear(15, false, true, "but only once")
	g.Expect(h.upTo).To(BeEquivalentTo(15))
	g.Expect(h.ahead).To(BeEmpty())

	h.begin(15, false)
	g.Expect(h.resume(15)).To(BeEquivalentTo(15))

	hear(16, true, false, "said before the resume frame arrived, which asks for nothing else")
	hear(16, false, false, "the answer")
	hear(16, false, true, "again")
}
