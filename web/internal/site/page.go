package site

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/web/internal/manifest"
)

//go:embed index.html
var indexHTML string

var index = template.Must(template.New("index").Parse(indexHTML))

// Cookies in which the page keeps what the first answer has to know.
const (
	languageCookie = "shema_language"
	themeCookie    = "shema_theme"
)

var (
	languages = []string{errs.LanguageEnglish, errs.LanguageIndonesian}
	// themes begin with the one of the reader's system.
	themes = []string{"", "light", "dark"}

	needsScript = map[string]string{
		errs.LanguageEnglish:    "This website needs JavaScript.",
		errs.LanguageIndonesian: "Situs ini memerlukan JavaScript.",
	}
)

// look is what two readers of the same page may see differently from the start.
type look struct{ language, theme string }

func lookOf(r *http.Request) look {
	l := look{language: errs.LanguageEnglish}
	if errs.PrefersIndonesian(r.Header.Get("Accept-Language")) {
		l.language = errs.LanguageIndonesian
	}

	if c, err := r.Cookie(languageCookie); err == nil && slices.Contains(languages, c.Value) {
		l.language = c.Value
	}

	if c, err := r.Cookie(themeCookie); err == nil && slices.Contains(themes, c.Value) {
		l.theme = c.Value
	}

	return l
}

// settings are what the scripts are told by the page; they can't learn it elsewhere.
type settings struct {
	Brand        any      `json:"brand"`
	Logo         string   `json:"logo"`
	ImageSources []string `json:"image_sources"`
	Languages    any      `json:"languages"`
}

// pages makes the one document of all pages, for every look.
func (s *Site) pages(list manifest.Manifest) error {
	told, err := json.Marshal(settings{
		Brand:        s.options.Brand,
		Logo:         "/" + s.logo,
		ImageSources: append([]string{}, s.options.ImageSources...),
		Languages:    list.Languages,
	})
	if err != nil {
		return fmt.Errorf("write the page's settings: %w", err)
	}

	for _, language := range languages {
		for _, theme := range themes {
			var text bytes.Buffer

			err := index.Execute(&text, map[string]any{
				"Language":    language,
				"Theme":       theme,
				"Brand":       s.options.Brand,
				"Logo":        s.logo,
				"Colours":     s.colours,
				"Style":       list.Style,
				"Script":      list.Script,
				"Preload":     append([]string{list.Languages[language]}, list.Imports...),
				"NeedsScript": needsScript[language],
				"Settings":    template.JS(told), //nolint:gosec // Marshalled above: it can't end the element.
			})
			if err != nil {
				return fmt.Errorf("write the page: %w", err)
			}

			if s.index[look{language, theme}], err = s.newFile("index.html", text.Bytes(), askAgain); err != nil {
				return err
			}
		}
	}

	return nil
}
