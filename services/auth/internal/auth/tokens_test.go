package auth

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
)

func TestTokens_Decode(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	keys, err := NewTokens(strings.Repeat("k", 32))
	g.Expect(err).NotTo(HaveOccurred())

	others, err := NewTokens(strings.Repeat("o", 32))
	g.Expect(err).NotTo(HaveOccurred())

	_, err = NewTokens("short")
	g.Expect(err).To(MatchError(ContainSubstring("REFRESH_TOKEN_SECRET")))

	token := keys.first(uuid.New(), uuid.New())
	text := keys.Encode(token)
	decoded, ok := keys.Decode(text)
	g.Expect(ok).To(BeTrue())
	g.Expect(decoded).To(Equal(token))
	g.Expect(keys.child(token)).To(Equal(keys.child(token)), "the same parent has the same child")
	g.Expect(keys.child(token)).NotTo(Equal(token))
	g.Expect(keys.child(token)).NotTo(Equal(others.child(token)), "without the secret the child can't be known")
	g.Expect(keys.child(keys.child(token))).NotTo(Equal(keys.child(token)))

	for i := range text {
		bad := []byte(text)
		if bad[i]++; bad[i] == '{' || bad[i] == '[' || bad[i] == ':' || bad[i] == '.' || bad[i] == '`' {
			bad[i] = 'A'
		}

		_, ok := keys.Decode(string(bad))
		g.Expect(ok).To(BeFalse(), "changed at %d", i)
	}

	for _, forged := range []string{"", "x", text + "A", text[:len(text)-1], text + "=", " " + text, others.Encode(token)} {
		_, ok := keys.Decode(forged)
		g.Expect(ok).To(BeFalse(), forged)
	}
}

// FuzzTokens_Decode: whatever is sent is refused, or is exactly what Encode makes of it.
func FuzzTokens_Decode(f *testing.F) {
	keys, err := NewTokens(strings.Repeat("k", minKeyBytes))
	if err != nil {
		f.Fatal(err)
	}

	genuine := keys.Encode(keys.first(uuid.UUID{1}, uuid.UUID{2}))
	for _, seed := range []string{"", "x", genuine, genuine + "A", genuine[:len(genuine)-1], strings.Repeat("A", len(genuine)), "\x00\xff"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		token, ok := keys.Decode(text)
		if ok && keys.Encode(token) != text {
			t.Errorf("%q is another spelling of %q", text, keys.Encode(token))
		}

		if !ok && token != nil {
			t.Errorf("%q was refused, and read all the same", text)
		}
	})
}
