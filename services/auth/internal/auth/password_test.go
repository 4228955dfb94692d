package auth

import (
	"context"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"golang.org/x/crypto/bcrypt"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

func TestCheckNewPassword(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason, password, address string
		want                      errs.Text
	}{
		{"seven bytes", "aB3$xyz", "siti@example.com", tooShort},
		{"eight bytes", "aB3$xyzq", "siti@example.com", errs.Text{}},
		{"bytes count, not letters", "éééé", "siti@example.com", errs.Text{}},
		{"accents count as composed ones", "e\u0301e\u0301e\u0301", "siti@example.com", tooShort},
		{"a lone surrogate", "secret12\ufffd", "siti@example.com", noText},
		{"a common one in full-width letters", "ｐａｓｓｗｏｒｄ１", "siti@example.com", tooCommon},
		{"72 bytes", strings.Repeat("aB3$xyzq", 9), "siti@example.com", errs.Text{}},
		{"73 bytes", strings.Repeat("aB3$xyzq", 9) + "a", "siti@example.com", tooLong},
		{"emoji take four bytes each", strings.Repeat("🎹", 19), "siti@example.com", tooLong},
		{"a common one", "password1", "siti@example.com", tooCommon},
		{"a common one in capitals", "PassWord1", "siti@example.com", tooCommon},
		{"an Indonesian one", "Bismillah", "siti@example.com", tooCommon},
		{"the e-mail address", "siti@example.com", "siti@example.com", isEmail},
		{"the e-mail address in another case", "Siti@Example.COM", "siti@example.com", isEmail},
		{"its local part", "Siti.Aminah", "siti.aminah@example.com", isEmail},
		{"what merely holds the local part", "siti.aminah.1", "siti.aminah@example.com", errs.Text{}},
		{"NUL", "secret\x00secret", "siti@example.com", hasNUL},
		{"empty", "", "siti@example.com", tooShort},
	}
	for _, c := range cases {
		reason, weak := weakness(c.password, c.address)
		NewWithT(t).Expect(reason).To(Equal(c.want), c.reason)
		NewWithT(t).Expect(weak).To(Equal(c.want != errs.Text{}), c.reason)
	}

	err := CheckNewPassword("new_password", "short", "siti@example.com")
	NewWithT(t).Expect(err).To(MatchError(autherrs.WeakPassword))
	_, body, _ := errs.Render(err, "id")
	NewWithT(t).Expect(body.Details["fields"]).To(Equal([]errs.RenderedField{{Field: "new_password", Message: tooShort.Indonesian}}))
}

func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	g.Expect(len(commonPasswords())).To(BeNumerically(">", 500))

	for p := range commonPasswords() {
		g.Expect(p).To(Equal(strings.ToLower(p)), "compared in lower case")
		g.Expect(len(p)).To(BeNumerically(">=", minPasswordBytes), p)
	}
}

func TestBcrypt_Matches(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	b, err := NewBcrypt(bcrypt.MinCost)
	g.Expect(err).NotTo(HaveOccurred())

	long := strings.Repeat("x", maxPasswordBytes)

	cases := []struct {
		reason, kept, given string
		want                bool
	}{
		{"the same", "correct horse", "correct horse", true},
		{"another", "correct horse", "correct house", false},
		{"72 bytes", long, long, true},
		{"what begins with the 72 bytes", long, long + "y", false},
		{"bcrypt takes NUL for the end and starts over", "secret12", "secret12\x00secret12", false},
		{"empty", "correct horse", "", false},
		{"composed and decomposed accents", "Caf\u00e9-di-Bandung", "Cafe\u0301-di-Bandung", true},
		{"decomposed and composed accents", "Cafe\u0301-di-Bandung", "Caf\u00e9-di-Bandung", true},
		{"lone surrogates don't stand for each other", "secret-\ufffd-12", "secret-\ufffd-12", false},
	}
	for _, c := range cases {
		hash, err := b.Hash(t.Context(), c.kept)
		g.Expect(err).NotTo(HaveOccurred(), c.reason)

		right, err := b.Matches(t.Context(), hash, c.given)
		g.Expect(err).NotTo(HaveOccurred(), c.reason)
		g.Expect(right).To(Equal(c.want), c.reason)
	}

	g.Expect(b.Matches(t.Context(), b.Unmatched(), "")).To(BeFalse())

	for range cap(b.slots) {
		b.slots <- struct{}{}
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	_, err = b.Matches(ctx, b.Unmatched(), "x")
	g.Expect(err).To(MatchError(errs.Unavailable), "no caller waits longer than the request lasts")
}

// TestBcrypt_Matches_FormerHash: hashes of before passwords were normalized keep working.
func TestBcrypt_Matches_FormerHash(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	b, err := NewBcrypt(bcrypt.MinCost)
	g.Expect(err).NotTo(HaveOccurred())

	former, err := bcrypt.GenerateFromPassword([]byte("Cafe\u0301-di-Bandung"), bcrypt.MinCost)
	g.Expect(err).NotTo(HaveOccurred())

	g.Expect(b.Matches(t.Context(), string(former), "Cafe\u0301-di-Bandung")).To(BeTrue())
	g.Expect(b.Matches(t.Context(), string(former), "Cafe\u0301-di-Bogor")).To(BeFalse())
}
