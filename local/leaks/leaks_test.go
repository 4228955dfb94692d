package leaks_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/local/leaks"
)

const (
	secret = "kunci-Rahasia-88"
	token  = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJlLW9mLWEtdG9rZW4"
	key    = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n"
	public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA1xGPTL7T5ySvFPoKzRZkuUV2hXhhjQYvIlqRMqkTfq0=\n-----END PUBLIC KEY-----\n"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	NewWithT(t).Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
}

func TestFinder_InFolder(t *testing.T) {
	t.Parallel()

	for reason, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                       {"", nil},
		"what is no secret":             {"kunci-Rahasia-87 and kunci-Rahasia-8", nil},
		"a secret":                      {`{"password":"` + secret + `"}`, []string{"a.log shows a password"}},
		"a secret at the end":           {secret, []string{"a.log shows a password"}},
		"a secret, twice":               {secret + secret, []string{"a.log shows a password"}},
		"another with the same start":   {"kunci-Rahasia-lain", []string{"a.log shows another"}},
		"a signed token":                {"?token=" + token + "&x=1", []string{"a.log shows a signed token"}},
		"a token without a signature":   {token[:strings.LastIndexByte(token, '.')+1], nil},
		"a private key, written as one": {strings.ReplaceAll(key, "\n", `\n`), []string{"a.log shows a private key, signing.pem"}},
		"a public key":                  {public, nil},
		"far behind":                    {strings.Repeat("x", 3<<20) + secret, []string{"a.log shows a password"}},
		"across two pieces":             {strings.Repeat("x", 1<<20+4<<10-8) + secret + strings.Repeat("y", 1<<20), []string{"a.log shows a password"}},
		"two of them":                   {token + " " + secret, []string{"a.log shows a password", "a.log shows a signed token"}},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			keys, logs := t.TempDir(), t.TempDir()
			write(t, filepath.Join(keys, "signing.pem"), key)
			write(t, filepath.Join(keys, "public.pem"), public)
			write(t, filepath.Join(keys, "other"), "no key")
			write(t, filepath.Join(logs, "a.log"), c.text)
			write(t, filepath.Join(logs, "b.log"), "quiet")

			known := leaks.Secrets{}
			known.Add(secret, "a password")
			known.Add("kunci-Rahasia-lain", "another")
			known.Add("short", "too short")
			g.Expect(known.AddKeys(keys)).To(Succeed())
			g.Expect(known).To(HaveLen(3))

			found, err := known.Finder().InFolder(logs)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(found).To(ConsistOf(c.want))
		})
	}
}
