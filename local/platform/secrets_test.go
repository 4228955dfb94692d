package platform

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/auth"
)

func TestSecrets_Load_OnceAndPrivate(t *testing.T) {
	g := NewWithT(t)
	l := Layout{Dir: t.TempDir()}
	g.Expect(l.create()).To(Succeed())

	first, err := l.loadSecrets()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(l.loadSecrets()).To(Equal(first))

	withSidecar := slices.DeleteFunc(apps(), func(a app) bool { return a.id == "" })
	g.Expect(first.AppTokens).To(HaveLen(len(withSidecar)))

	files, err := filepath.Glob(filepath.Join(l.secrets(), "*"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(files).To(HaveLen(3))

	for _, file := range files {
		info, err := os.Stat(file)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(info.Mode().Perm()).To(Equal(os.FileMode(0o600)), file)
	}

	_, err = auth.LoadJWKS(l.jwks())
	g.Expect(err).NotTo(HaveOccurred(), "the services can read the public key")
}

func TestQuoted_Shell(t *testing.T) {
	for text, want := range map[string]string{
		"http://127.0.0.1:3000":          "http://127.0.0.1:3000",
		"postgres://a:b@c/d?sslmode=off": "postgres://a:b@c/d?sslmode=off",
		"/a folder/of 'mine'":            `'/a folder/of '\''mine'\'''`,
	} {
		NewWithT(t).Expect(quoted(text)).To(Equal(want))
	}
}
