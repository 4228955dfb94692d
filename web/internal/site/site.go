// Package site answers with the website: its assets, one document for all its pages, and refusals that a program or a
// person understands.
package site

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/web/internal/brand"
	"github.com/shema-music/shema/web/internal/manifest"
)

// Options are what a website shows besides its files.
type Options struct {
	Brand brand.Brand
	// ImageSources are hosts from which pages may load pictures, such as https://img.school.example.
	ImageSources []string
	// Plain leaves everything uncompressed, which makes a start quick.
	Plain bool
}

// Site is an http.Handler that keeps all its answers in memory.
type Site struct {
	options Options
	// policy is the content security policy of all pages.
	policy string
	// assets are files by path, such as /assets/main-4XK.js.
	assets map[string]*file
	index  map[look]*file
	// patterns are the paths of the pages, in segments.
	patterns [][]string
	// logo and colours are paths of the brand's assets, without the slash at the front.
	logo, colours string
}

// New reads what the bundler has made, compresses it and makes the pages.
func New(dist fs.FS, o Options) (*Site, error) {
	text, err := fs.ReadFile(dist, "manifest.json")
	if err != nil {
		return nil, fmt.Errorf("read what the bundler has made: %w", err)
	}

	var list manifest.Manifest
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}

	s := &Site{options: o, policy: policy(o.ImageSources), assets: map[string]*file{}, index: map[look]*file{}}
	for _, pattern := range list.Pages {
		s.patterns = append(s.patterns, segments(pattern))
	}

	if err := s.readAssets(dist); err != nil {
		return nil, err
	}

	if err := s.addBrand(); err != nil {
		return nil, err
	}

	return s, s.pages(list)
}

// Fresh reads the files anew for every page, so that a browser shows what was saved a moment ago.
func Fresh(dist fs.FS, o Options) http.Handler {
	o.Plain = true

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := New(dist, o)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}

		s.ServeHTTP(w, r)
	})
}

// policy lets pages use their own host only, and run no script that is written into them.
func policy(imageSources []string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; " +
		strings.Join(append([]string{"img-src 'self' data:"}, imageSources...), " ") +
		"; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

func (s *Site) readAssets(dist fs.FS) error {
	return fs.WalkDir(dist, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}

		content, err := fs.ReadFile(dist, name)
		if err != nil {
			return fmt.Errorf("read an asset: %w", err)
		}

		s.assets["/"+name], err = s.newFile(name, content, forEver)

		return err
	})
}

// addBrand makes assets of the brand's logo and colours.
func (s *Site) addBrand() (err error) {
	c := s.options.Brand.Colours

	style := fmt.Sprintf(":root{--accent-light:%s;--accent-dark:%s}", c.Light, c.Dark)
	if s.colours, err = s.add("brand", ".css", []byte(style)); err != nil {
		return err
	}

	s.logo, err = s.add("logo", ".svg", s.options.Brand.Logo)

	return err
}

// add takes in an asset under a name that changes with its content, and returns its path.
func (s *Site) add(name, extension string, content []byte) (string, error) {
	sum := sha256.Sum256(content)
	path := "assets/" + name + "-" + base64.RawURLEncoding.EncodeToString(sum[:6]) + extension
	f, err := s.newFile(path, content, forEver)
	s.assets["/"+path] = f

	return path, err
}

// ServeHTTP answers a request for an asset or a page.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")

	// An ingress leads the API here only while the gateway has no pod that answers.
	if strings.HasPrefix(r.URL.Path, "/api/") {
		refuse(w, r, errs.Unavailable)
		return
	}

	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		refuse(w, r, errs.MethodNotAllowed)
		return
	}

	if f := s.assets[r.URL.Path]; f != nil {
		f.serve(w, r, http.StatusOK)
		return
	}

	switch known := s.isPage(r.URL.Path); {
	case known:
		s.page(w, r, http.StatusOK)
	case wantsPage(r):
		s.page(w, r, http.StatusNotFound)
	default:
		refuse(w, r, errs.NotFound)
	}
}

func (s *Site) page(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Security-Policy", s.policy)
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Add("Vary", "Accept, Accept-Language, Cookie")
	s.index[lookOf(r)].serve(w, r, status)
}

// isPage reports whether one of the patterns fits the path.
func (s *Site) isPage(path string) bool {
	parts := segments(path)
	for _, pattern := range s.patterns {
		if fits(pattern, parts) {
			return true
		}
	}

	return false
}

func fits(pattern, parts []string) bool {
	if len(pattern) != len(parts) {
		return false
	}

	for i, word := range pattern {
		if !strings.HasPrefix(word, ":") && word != parts[i] {
			return false
		}
	}

	return true
}

func segments(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// wantsPage reports whether a person's browser asks; programs that name no HTML get the error shape of the API.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/assets/")
}

func refuse(w http.ResponseWriter, r *http.Request, kind *errs.Kind) {
	status, body, _ := errs.Render(kind, r.Header.Get("Accept-Language"))
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept, Accept-Language")
	w.WriteHeader(status)

	if r.Method != http.MethodHead {
		if err := json.NewEncoder(w).Encode(body); err != nil {
			panic(http.ErrAbortHandler) // Half an answer must not look like a whole one.
		}
	}
}
