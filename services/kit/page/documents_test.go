package page_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"go.yaml.in/yaml/v3"

	"github.com/shema-music/shema/services/kit/page"
)

// document is what an OpenAPI document says of the parameters that lists share.
type document struct {
	Components struct {
		Parameters struct {
			Limit  parameter `yaml:"Limit"`
			Cursor parameter `yaml:"Cursor"`
		} `yaml:"parameters"`
	} `yaml:"components"`
}

type parameter struct {
	Schema struct {
		Default   int `yaml:"default"`
		Maximum   int `yaml:"maximum"`
		MaxLength int `yaml:"maxLength"`
	} `yaml:"schema"`
}

// The documents are where lists get their sizes from; what the code knows of them is the same in all.
func TestLimits_AreTheDocuments(t *testing.T) {
	t.Parallel()

	paths, err := filepath.Glob("../../contracts/*/http/openapi.yaml")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(len(paths)).To(BeNumerically(">=", 7))

	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			content, err := os.ReadFile(path)
			g.Expect(err).NotTo(HaveOccurred())

			var d document
			g.Expect(yaml.Unmarshal(content, &d)).To(Succeed())

			g.Expect(d.Components.Parameters.Limit.Schema.Default).To(Equal(page.DefaultLimit))
			g.Expect(d.Components.Parameters.Limit.Schema.Maximum).To(Equal(page.MaxLimit))
			g.Expect(d.Components.Parameters.Cursor.Schema.MaxLength).To(Equal(page.MaxCursor))
		})
	}
}
