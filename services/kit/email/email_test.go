package email_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/email"
)

func TestFold(t *testing.T) {
	t.Parallel()

	cases := []struct{ reason, a, b string }{
		{"ASCII case does not matter", "Siti@Example.COM", "siti@example.com"},
		{"space around does not matter", "  siti@example.com\n", "siti@example.com"},
		{"case beyond ASCII does not matter", "MÜLLER@Straße.de", "müller@STRASSE.de"},
		{"composed and decomposed accents are the same", "jose\u0301@example.com", "JOS\u00c9@example.com"},
		{"Greek final sigma is a sigma", "ΟΔΟΣ@example.gr", "οδος@example.gr"},
	}
	for _, c := range cases {
		NewWithT(t).Expect(email.Fold(c.a)).To(Equal(email.Fold(c.b)), c.reason)
	}

	NewWithT(t).Expect(email.Fold("a.b@example.com")).NotTo(Equal(email.Fold("ab@example.com")), "dots matter")
}

func TestValid(t *testing.T) {
	t.Parallel()

	cases := []struct {
		address string
		valid   bool
		reason  string
	}{
		{"siti@example.com", true, "plain"},
		{" siti@example.com ", true, "space around is cut off"},
		{"o'neil+lessons@sub.example.co.id", true, "all the signs that RFC 5321 allows"},
		{"用户@例子.广告", true, "internationalised"},
		{"अजय@डाटा.भारत", true, "letters with marks"},
		{"", false, "empty"},
		{"siti", false, "no @"},
		{"@example.com", false, "no local part"},
		{"siti@", false, "no domain"},
		{"siti@localhost", false, "no top level"},
		{"siti@exa mple.com", false, "space in the domain"},
		{"si ti@example.com", false, "space in the local part"},
		{"a@b@example.com", false, "two @"},
		{".siti@example.com", false, "leading dot"},
		{"si..ti@example.com", false, "two dots"},
		{"siti@-example.com", false, "label begins with a hyphen"},
		{"siti@example..com", false, "empty label"},
		{"siti\u0000@example.com", false, "NUL"},
		{"siti\u200b@example.com", false, "invisible sign"},
		{"siti\ufffd@example.com", false, "the remains of broken UTF-8"},
		{"Siti <siti@example.com>", false, "a name and an address"},
		{strings.Repeat("a", 65) + "@example.com", false, "local part too long"},
		{"a@" + strings.Repeat("a.", 160) + "com", false, "too long"},
	}
	for _, c := range cases {
		NewWithT(t).Expect(email.Valid(c.address)).To(Equal(c.valid), c.reason)
	}
}

func TestLocalPart(t *testing.T) {
	t.Parallel()
	NewWithT(t).Expect(email.LocalPart("siti@example.com")).To(Equal("siti"))
	NewWithT(t).Expect(email.LocalPart("siti")).To(Equal("siti"))
}
