package main

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// What is committed in dist is what any other checkout makes, whatever its folder is called: make verify compares the two.
func TestBundle_DoesNotDependOnItsFolder(t *testing.T) {
	g := NewWithT(t)
	elsewhere := t.TempDir()

	for _, folder := range []string{"app", "client/src", "third_party", "dist"} {
		g.Expect(os.CopyFS(filepath.Join(elsewhere, folder), os.DirFS(filepath.Join("..", folder)))).To(Succeed())
	}

	for _, file := range []string{"tsconfig.json", "package.json"} {
		text, err := os.ReadFile(filepath.Join("..", file))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(os.WriteFile(filepath.Join(elsewhere, file), text, 0o600)).To(Succeed())
	}

	b, err := newBundle(elsewhere)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(b.once()).To(Succeed())

	made, err := os.ReadFile(filepath.Join(elsewhere, "dist", "manifest.json"))
	g.Expect(err).NotTo(HaveOccurred())

	committed, err := os.ReadFile(filepath.Join("..", "dist", "manifest.json"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(made)).To(Equal(string(committed)))
}
