package brand_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/web/internal/brand"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()

	dir := t.TempDir()
	for name, text := range files {
		NewWithT(t).Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)).To(Succeed())
	}

	return dir
}

// What a school leaves out stays as the website has it.
func TestRead_PartOfABrand(t *testing.T) {
	g := NewWithT(t)
	dir := folder(t, map[string]string{"brand.json": `{"name": "Sekolah Musik Melati", "texts": {"id": {"catalogue.title": "Selamat datang"}}}`})

	b, err := brand.Read(dir)

	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(b.Name).To(Equal("Sekolah Musik Melati"))
	g.Expect(b.Colours).To(Equal(brand.Default().Colours))
	g.Expect(b.Logo).To(Equal(brand.Default().Logo))
	g.Expect(b.Texts["id"]).To(HaveKeyWithValue("catalogue.title", "Selamat datang"))
}

func TestRead_NoFolder(t *testing.T) {
	g := NewWithT(t)

	b, err := brand.Read("")

	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(b).To(Equal(brand.Default()))
}

func TestRead_Mistakes(t *testing.T) {
	cases := map[string]struct {
		files   map[string]string
		message string
	}{
		"not JSON":      {map[string]string{"brand.json": "name: x"}, "brand.json"},
		"no name":       {map[string]string{"brand.json": `{"name": " "}`}, "name must have 1 to 60 characters"},
		"colour":        {map[string]string{"brand.json": `{"colours": {"light": "red", "dark": "#ffffff"}}`}, "must look like #8a3b12"},
		"language":      {map[string]string{"brand.json": `{"texts": {"fr": {}}}`}, "the languages are en and id"},
		"not a picture": {map[string]string{"logo.svg": "PNG"}, "logo.svg is not an SVG picture"},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := brand.Read(folder(t, c.files))

			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(c.message)))
		})
	}
}
