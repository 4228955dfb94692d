package platform_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/test/internal/client"
)

// contract is the document that the gateway serves; every answer of the suite is held against it.
var contract *document

type document struct{ paths map[string]*openapi3.PathItem }

func readDocument(url string) (*document, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()

	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}

	read, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}

	return &document{paths: read.Paths.Map()}, nil
}

// faults lists where an answer with JSON differs from what the document says of it.
func (d *document) faults(r *http.Request, a client.Answer) []string {
	op := d.operation(r)
	if op == nil || r.Method == http.MethodHead || a.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") || len(a.Body) == 0 {
		return nil
	}

	response := op.Responses.Status(a.Status)
	if response == nil {
		response = op.Responses.Default()
	}

	if response == nil || a.OK() && op.Responses.Status(a.Status) == nil {
		return []string{fmt.Sprintf("the document knows no status %d", a.Status)}
	}

	media := response.Value.Content.Get("application/json")
	if media == nil {
		return []string{"the document knows no body"}
	}

	var value any
	if err := json.Unmarshal(a.Body, &value); err != nil {
		return []string{err.Error()}
	}

	if err := media.Schema.Value.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
		return []string{"differs from the document: " + err.Error()}
	}

	return nil
}

// operation finds the operation of a request; a path without parameters wins over one with.
func (d *document) operation(r *http.Request) *openapi3.Operation {
	path := r.URL.EscapedPath() // An escaped slash leads elsewhere.
	if item, ok := d.paths[path]; ok {
		return item.GetOperation(r.Method)
	}

	for template, item := range d.paths {
		if sameShape(template, path) {
			return item.GetOperation(r.Method)
		}
	}

	return nil
}

func sameShape(template, path string) bool {
	names, parts := strings.Split(template, "/"), strings.Split(path, "/")
	if len(names) != len(parts) {
		return false
	}

	for i, name := range names {
		if name != parts[i] && !strings.HasPrefix(name, "{") {
			return false
		}
	}

	return true
}
