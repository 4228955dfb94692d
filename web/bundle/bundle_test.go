package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	. "github.com/onsi/gomega"
)

// What npm published is what stands in third_party, byte for byte.
func TestModules_AreAsPublished(t *testing.T) {
	g := NewWithT(t)
	known, err := readModules("..")
	g.Expect(err).NotTo(HaveOccurred())

	for name, module := range known {
		for file, sum := range module.Files {
			content, err := os.ReadFile(filepath.Join("..", "third_party", name, file))
			g.Expect(err).NotTo(HaveOccurred())

			actual := sha256.Sum256(content)
			g.Expect(hex.EncodeToString(actual[:])).To(Equal(sum), "%s/%s was changed by hand; npm run vendor fetches it", name, file)
		}
	}
}

func TestModules_Find(t *testing.T) {
	known := modules{"preact": {Exports: map[string]string{".": "preact.mjs", "./hooks": "hooks.mjs"}}, "@a/b": {Exports: map[string]string{"css": "b.css"}}}
	cases := map[string]struct{ path, file, failure string }{
		"package":  {"preact", "preact/preact.mjs", ""},
		"part":     {"preact/hooks", "preact/hooks.mjs", ""},
		"scoped":   {"@a/b/css", "@a/b/b.css", ""},
		"not ours": {"left-pad", "", "left-pad is not among the modules"},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			file, err := known.find(c.path)

			if c.failure != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.failure)))
				return
			}

			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(file).To(Equal(filepath.FromSlash(c.file)))
		})
	}
}

// The server knows the same pages as the scripts: it answers others with 404.
func TestPages_AreThoseOfTheScripts(t *testing.T) {
	g := NewWithT(t)
	text, err := os.ReadFile("../app/pages.json")
	g.Expect(err).NotTo(HaveOccurred())

	var served []string
	g.Expect(json.Unmarshal(text, &served)).To(Succeed())

	source, err := os.ReadFile("../app/app.tsx")
	g.Expect(err).NotTo(HaveOccurred())

	var shown []string
	for _, match := range regexp.MustCompile(`\{ path: '([^']+)'`).FindAllStringSubmatch(string(source), -1) {
		shown = append(shown, match[1])
	}

	g.Expect(shown).To(Equal(served))
}

// Both languages have every sentence; the compiler sees to the keys, and this to the places in them.
func TestSentences_HaveTheSamePlaces(t *testing.T) {
	g := NewWithT(t)
	english, indonesian := sentences(g, "en"), sentences(g, "id")

	g.Expect(indonesian).To(HaveLen(len(english)))

	for key, places := range english {
		g.Expect(indonesian[key]).To(ConsistOf(places), key)
	}
}

var (
	sentence = regexp.MustCompile(`(?m)^  '?([\w.]+)'?: ['"](.*)['"],$`)
	place    = regexp.MustCompile(`\{(\w+)[,}]`)
)

// sentences are the names of the places in each sentence of a language, each once.
func sentences(g *WithT, language string) map[string][]string {
	text, err := os.ReadFile("../app/i18n/" + language + ".ts")
	g.Expect(err).NotTo(HaveOccurred())

	found := map[string][]string{}
	for _, line := range sentence.FindAllStringSubmatch(string(text), -1) {
		seen := map[string]bool{}

		found[line[1]] = []string{}
		for _, match := range place.FindAllStringSubmatch(line[2], -1) {
			if !seen[match[1]] {
				seen[match[1]] = true
				found[line[1]] = append(found[line[1]], match[1])
			}
		}
	}

	return found
}
