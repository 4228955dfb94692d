package rest

import (
	"net/http"
	"strings"
	"time"

	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// maxUserAgent and maxLanguage bound two headers that are passed on, and for which no request is refused.
	maxUserAgent = 512
	maxLanguage  = 512
	// leftBodyTimeout is how long the rest of a body may take that was refused without being read.
	leftBodyTimeout = 500 * time.Millisecond
)

// prepare makes requests easy for what stands behind it: HEAD is answered wherever GET is, strange bytes in User-Agent
// and Accept-Language are ignored, since telephones in use send them, and a body that never comes holds up no other request.
type prepare struct {
	clock clock.Clock
	next  http.Handler
}

// ServeHTTP hands the prepared request on.
func (p *prepare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	clean(r.Header, "User-Agent", maxUserAgent)
	clean(r.Header, "Accept-Language", maxLanguage)

	if r.Method == http.MethodHead {
		r = asGet(r)
	}

	p.next.ServeHTTP(w, r)

	if r.ContentLength != 0 {
		// Before the next request the server reads what is left of this one.
		_ = http.NewResponseController(w).SetReadDeadline(p.clock.Now().Add(leftBodyTimeout))
	}
}

// clean drops what is not UTF-8 from a header, and what is too much of it.
func clean(header http.Header, name string, limit int) {
	values := header[name]
	if len(values) == 0 || len(values[0]) <= limit && isASCII(values[0]) {
		return
	}

	text := values[0][:min(len(values[0]), limit)]
	header[name] = []string{strings.ToValidUTF8(text, "")}
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}

	return true
}

// asGet returns a copy of a HEAD request that is handled like GET. The server knows the original and sends no body.
func asGet(r *http.Request) *http.Request {
	get := r.Clone(r.Context())
	get.Method = http.MethodGet
	get.Header.Del("Upgrade")

	return get
}
