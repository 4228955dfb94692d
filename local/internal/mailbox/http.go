package mailbox

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
)

//go:embed page.html
var page string

// shown is a mail on the page. Its frame is sandboxed, so that the mail can do nothing there.
type shown struct {
	Mail

	Frame template.HTMLAttr
}

// Handler shows the box: a page at /, JSON at /mails (?to= narrows it), one message's source at /mails/{id}.
func Handler(box *Box) http.Handler {
	list := template.Must(template.New("page").Parse(page))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = list.Execute(w, display(box.List("")))
	})
	mux.HandleFunc("GET /mails", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string][]Mail{"items": box.List(r.URL.Query().Get("to"))})
	})
	mux.HandleFunc("GET /mails/{id}", func(w http.ResponseWriter, r *http.Request) {
		m, found := box.Get(r.PathValue("id"))
		if !found {
			http.NotFound(w, r)
			return
		}

		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write([]byte(m.Raw))
	})
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})

	return mux
}

// documentOf returns a mail as a page: its HTML, or else its text.
func documentOf(m *Mail) string {
	for _, part := range append([]Part{{ContentType: m.ContentType, Body: m.Body}}, m.Parts...) {
		if strings.HasPrefix(part.ContentType, "text/html") {
			return part.Body
		}
	}

	return "<pre>" + template.HTMLEscapeString(m.Body) + "</pre>"
}

func display(mails []Mail) []shown {
	list := make([]shown, len(mails))
	for i, m := range mails {
		document := documentOf(&m)

		// The document as it is, escaped once for the attribute; html/template would take its tags away.
		list[i] = shown{Mail: m, Frame: template.HTMLAttr(`srcdoc="` + template.HTMLEscapeString(document) + `"`)} //nolint:gosec // escaped
	}

	return list
}
