// Package docs serves the platform's OpenAPI and AsyncAPI documents, as they are and as a page for people. Everything is
// in the binary, compressed, and the page may not load anything from elsewhere.
package docs

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"net/http"

	"github.com/shema-music/shema/services/gateway/internal/cache"
	"github.com/shema-music/shema/services/gateway/internal/compress"
)

// The large files are kept compressed, which is how nearly all clients get them.
var (
	//go:embed page/index.html
	indexHTML []byte
	//go:embed page/start.js
	startJS []byte
	//go:embed swagger-ui/swagger-ui-bundle.js.gz
	swaggerJS []byte
	//go:embed swagger-ui/swagger-ui.css.gz
	swaggerCSS []byte
)

const (
	html       = "text/html; charset=utf-8"
	javaScript = "text/javascript; charset=utf-8"
	css        = "text/css; charset=utf-8"
	yaml       = "application/yaml"
)

// policy lets the page use its own files only; Swagger UI puts small styles and pictures into the page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Documents are what the platform says about itself.
type Documents struct {
	// OpenAPI is the bundle in YAML, OpenAPIJSON the same in JSON.
	OpenAPI, OpenAPIJSON []byte
	// AsyncAPI describes the chat's WebSocket, in YAML.
	AsyncAPI []byte
}

// Docs holds what is served.
type Docs struct {
	openAPI, openAPIJSON, asyncAPI, page *cache.Answer

	files map[string]*cache.Answer
}

// New returns the documentation of the given documents.
func New(d Documents) *Docs {
	return &Docs{
		openAPI:     cache.NewAnswer(d.OpenAPI, yaml, 0),
		openAPIJSON: cache.NewAnswer(d.OpenAPIJSON, "application/json", 0),
		asyncAPI:    cache.NewAnswer(d.AsyncAPI, yaml, 0),
		page:        cache.NewAnswer(indexHTML, html, 0),
		files: map[string]*cache.Answer{
			"start.js":             cache.NewAnswer(startJS, javaScript, 0),
			"swagger-ui-bundle.js": cache.NewCompressed(swaggerJS, javaScript),
			"swagger-ui.css":       cache.NewCompressed(swaggerCSS, css),
		},
	}
}

// OpenAPI answers with the OpenAPI document in YAML.
func (d *Docs) OpenAPI(w http.ResponseWriter, r *http.Request) { serve(d.openAPI, w, r) }

// OpenAPIJSON answers with the OpenAPI document in JSON.
func (d *Docs) OpenAPIJSON(w http.ResponseWriter, r *http.Request) { serve(d.openAPIJSON, w, r) }

// AsyncAPI answers with the AsyncAPI document of the chat.
func (d *Docs) AsyncAPI(w http.ResponseWriter, r *http.Request) { serve(d.asyncAPI, w, r) }

// Page answers with the page for people.
func (d *Docs) Page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	serve(d.page, w, r)
}

// File answers with one file of the page; it reports whether there is one by this name.
func (d *Docs) File(w http.ResponseWriter, r *http.Request, name string) bool {
	f, ok := d.files[name]
	if ok {
		serve(f, w, r)
	}

	return ok
}

// serve answers; an error means that the caller has left. Files that are kept compressed are unpacked for the few who
// don't accept that.
func serve(a *cache.Answer, w http.ResponseWriter, r *http.Request) {
	if zipped := a.OnlyCompressed(); zipped != nil && !compress.Accepts(r.Header["Accept-Encoding"]) {
		plain, err := unpack(zipped)
		if err != nil {
			panic(err) // It is a file of ours, and the same since it was built.
		}

		a = a.WithPlain(plain)
	}

	_, _ = a.Send(w, r)
}

func unpack(zipped []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, fmt.Errorf("unpack a file of the documentation: %w", err)
	}

	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack a file of the documentation: %w", err)
	}

	return plain, nil
}
