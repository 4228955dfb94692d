// Package docs serves the platform's OpenAPI document, as it is and as a page for people. Everything is in the binary,
// and the page may not load anything from elsewhere.
package docs

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// The files are strings because those stay in the binary; slices would be copied into the heap.
var (
	//go:embed page/index.html
	indexHTML string
	//go:embed page/start.js
	startJS string
	//go:embed swagger-ui/swagger-ui-bundle.js
	swaggerJS string
	//go:embed swagger-ui/swagger-ui.css
	swaggerCSS string
)

const (
	html       = "text/html; charset=utf-8"
	javaScript = "text/javascript; charset=utf-8"
	css        = "text/css; charset=utf-8"
)

// policy lets the page use its own files only; Swagger UI puts small styles and pictures into the page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// askAgain is for files that change with the binary; their ETags make asking cheap.
const askAgain = "public, no-cache"

// Docs holds what is served.
type Docs struct {
	document, page *file
	files          map[string]*file
}

type file struct{ content, etag, contentType string }

// New returns the documentation of the given OpenAPI document.
func New(document []byte) *Docs {
	return &Docs{
		document: newFile(string(document), "application/yaml"),
		page:     newFile(indexHTML, html),
		files: map[string]*file{
			"start.js":             newFile(startJS, javaScript),
			"swagger-ui-bundle.js": newFile(swaggerJS, javaScript),
			"swagger-ui.css":       newFile(swaggerCSS, css),
		},
	}
}

// Document answers with the OpenAPI document.
func (d *Docs) Document(w http.ResponseWriter, r *http.Request) { d.document.serve(w, r) }

// Page answers with the page for people.
func (d *Docs) Page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	d.page.serve(w, r)
}

// File answers with one file of the page; it reports whether there is one by this name.
func (d *Docs) File(w http.ResponseWriter, r *http.Request, name string) bool {
	f, ok := d.files[name]
	if ok {
		f.serve(w, r)
	}

	return ok
}

func newFile(content, contentType string) *file {
	sum := sha256.Sum256([]byte(content))

	return &file{
		content:     content,
		contentType: contentType,
		etag:        `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`,
	}
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", askAgain)
	header.Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(f.content))
}
