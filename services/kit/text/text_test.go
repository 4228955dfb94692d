package text_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/text"
)

func TestVisible(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		reason, text string
		want         bool
	}{
		{"a word", "halo", true},
		{"one emoji", "🎵", true},
		{"a letter between zero width spaces", "\u200bä\u200b", true},
		{"a decomposed letter", "e\u0301", true},
		{"nothing", "", false},
		{"spaces of all kinds", " \t\n\u00a0\u2003\u3000", false},
		{"zero width space, joiner and mark", "\u200b\u200d\u200e\ufeff", false},
		{"Hangul fillers", "\u3164\u115f\u1160\uffa0", false},
		{"the empty Braille pattern", "\u2800", false},
		{"a combining accent alone", "\u0301", false},
		{"soft hyphens", "\u00ad\u00ad", false},
		{"a variation selector", "\ufe0f", false},
		{"private use", "\ue000", false},
	} {
		NewWithT(t).Expect(text.Visible(c.text)).To(Equal(c.want), c.reason)
	}
}

func TestSafe(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		reason, text string
		want         bool
	}{
		{"lines and tabs", "satu\n\tdua\r\n", true},
		{"emoji with joiners", "👩‍🎤", true},
		{"Arabic with direction marks", "\u200fسلام\u200e", true},
		{"NUL", "a\x00", false},
		{"a bell", "a\a", false},
		{"C1", "a\u0085", false},
		{"right-to-left override", "a\u202egnp.exe", false},
		{"isolates", "\u2066a\u2069", false},
	} {
		NewWithT(t).Expect(text.Safe(c.text)).To(Equal(c.want), c.reason)
	}
}
