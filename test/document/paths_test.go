package document_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

const root = "../.."

var (
	// codePath is a path in a page's code quotes, from the repository's root; <service> stands for every service.
	codePath = regexp.MustCompile("`((?:services|operator|local|test|web|charts|components|docs|k8s|tilt)/[\\w./<>-]+)")
	// link is a link to another file, from the page's folder; what follows # is left out.
	link = regexp.MustCompile(`\]\(([\w./-]+)(?:#[\w-]*)?\)`)
)

// The pages name files, folders and tests that exist.
func TestPages_Paths(t *testing.T) {
	t.Parallel()

	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "web/*.md", "web/*/*.md", ".github/*.md"} {
		pages, err := filepath.Glob(filepath.Join(root, pattern))
		NewWithT(t).Expect(err).NotTo(HaveOccurred())

		for _, page := range pages {
			t.Run(page, func(t *testing.T) { checkPage(t, page) })
		}
	}
}

func checkPage(t *testing.T, page string) {
	t.Helper()

	g := NewWithT(t)
	content, err := os.ReadFile(page)
	g.Expect(err).NotTo(HaveOccurred())

	for _, found := range codePath.FindAllStringSubmatch(string(content), -1) {
		g.Expect(existing(filepath.Join(root, found[1]))).NotTo(BeEmpty(), found[1])
	}

	for _, found := range link.FindAllStringSubmatch(string(content), -1) {
		g.Expect(existing(filepath.Join(filepath.Dir(page), found[1]))).NotTo(BeEmpty(), found[1])
	}
}

func existing(path string) []string {
	paths, _ := filepath.Glob(regexp.MustCompile(`<\w+>`).ReplaceAllString(strings.TrimRight(path, "."), "*"))
	return paths
}
