// Package brand reads what makes the website one school's: its name, colours, logo and sentences.
package brand

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// maxBytes bounds each file of a brand.
const maxBytes = 256 << 10

//go:embed logo.svg
var defaultLogo []byte

// Brand is what a school shows of itself. The zero value of a field means the website's own.
type Brand struct {
	// Name is the school's, at most 60 characters.
	Name string `json:"name"`
	// Colours are the accent's in both themes, as #rrggbb.
	Colours Colours `json:"colours"`
	// Contact is how people reach the school without an account; each may be empty.
	Contact Contact `json:"contact"`
	// Texts replace sentences of the website: by language (en, id), then by the name that app/i18n gives them.
	Texts map[string]map[string]string `json:"texts,omitempty"`

	// Logo is an SVG picture.
	Logo []byte `json:"-"`
}

// Colours are one accent for each theme.
type Colours struct {
	Light string `json:"light"`
	Dark  string `json:"dark"`
}

// Contact is how people reach the school.
type Contact struct {
	Address string `json:"address,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Email   string `json:"email,omitempty"`
}

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// Default is the brand of a website to which the school has given none.
func Default() Brand {
	return Brand{
		Name:    "Shema Music",
		Colours: Colours{Light: "#8a3b12", Dark: "#f0a875"},
		Logo:    defaultLogo,
	}
}

// Read returns the brand in a folder with brand.json and logo.svg, either of which may be missing.
// Without a folder it is the default one. Errors name the file and the field.
func Read(folder string) (Brand, error) {
	b := Default()
	if folder == "" {
		return b, nil
	}

	text, err := readFile(filepath.Join(folder, "brand.json"))
	if err != nil {
		return Brand{}, err
	}

	if text != nil {
		if err := json.Unmarshal(text, &b); err != nil {
			return Brand{}, fmt.Errorf("brand.json: %w", err)
		}
	}

	logo, err := readFile(filepath.Join(folder, "logo.svg"))
	if err != nil {
		return Brand{}, err
	}

	if logo != nil {
		b.Logo = logo
	}

	return b, b.check()
}

// readFile returns nothing for a file that isn't there.
func readFile(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the brand: %w", err)
	case len(text) > maxBytes:
		return nil, fmt.Errorf("%s is larger than %d KiB", name, maxBytes>>10)
	}

	return text, nil
}

func (b Brand) check() error {
	switch {
	case strings.TrimSpace(b.Name) == "" || len([]rune(b.Name)) > 60:
		return errors.New("brand.json: name must have 1 to 60 characters")
	case !colour.MatchString(b.Colours.Light) || !colour.MatchString(b.Colours.Dark):
		return errors.New("brand.json: colours.light and colours.dark must look like #8a3b12")
	case !strings.Contains(string(b.Logo), "<svg"):
		return errors.New("logo.svg is not an SVG picture")
	}

	for language := range b.Texts {
		if language != "en" && language != "id" {
			return fmt.Errorf("brand.json: texts.%s: the languages are en and id", language)
		}
	}

	return nil
}
