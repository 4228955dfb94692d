package rest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/gateway/internal/proxy"
	"github.com/shema-music/shema/services/gateway/internal/routes"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// What a request may hold at most. The sidecars read 16 KiB of address and headers, of which ours need their part.
const (
	maxURI          = 8000
	maxHeaders      = 16 << 10
	maxHeadersToApp = 5000
)

var (
	msgText    = errs.Text{English: "must be UTF-8 text without NUL", Indonesian: "harus berupa teks UTF-8 tanpa NUL"}
	msgQuery   = errs.Text{English: "is not a valid query string", Indonesian: "bukan query yang valid"}
	msgUnknown = errs.Text{English: "is not a known parameter", Indonesian: "bukan parameter yang dikenal"}
)

// refuseMalformed refuses what no service could be asked. The sidecar would refuse it too, in words that sound like an
// outage.
func (g *gateway) refuseMalformed(c *gin.Context) {
	if err := malformed(c.Request); err != nil {
		httpserver.Fail(c, err)
	}
}

func malformed(r *http.Request) error {
	if len(r.RequestURI) > maxURI || len(target(r.URL)) > maxURI {
		return errs.URITooLong
	}

	if err := malformedHeader(r.Header); err != nil {
		return err
	}

	if !goodPath(r.URL.Path) {
		return errs.NotFound
	}

	return malformedQuery(r.URL.RawQuery)
}

func malformedHeader(header http.Header) error {
	total, toApp := 0, 0
	for name, values := range header {
		for _, value := range values {
			if !isASCII(value) && !routes.PlainText(value) {
				return errs.Invalid(errs.Field{Name: name, Message: msgText})
			}

			total += len(name) + len(value)

			if proxy.PassesOn(name) {
				toApp += len(value)
			}
		}
	}

	if total > maxHeaders || toApp > maxHeadersToApp {
		return errs.HeadersTooLarge
	}

	return nil
}

// goodPath accepts what can be the path of something: the sidecar refuses segments with #, ? and %, and no id or name
// holds them.
func goodPath(path string) bool {
	return routes.PlainText(path) && !strings.ContainsAny(path, "#?%")
}

func malformedQuery(raw string) error {
	if raw == "" {
		return nil
	}

	query, err := url.ParseQuery(raw)
	if err != nil {
		return errs.Invalid(errs.Field{Name: "query", Message: msgQuery})
	}

	var fields []errs.Field
	for name, values := range query {
		if !routes.PlainText(name + strings.Join(values, "")) {
			fields = append(fields, errs.Field{Name: strings.ToValidUTF8(name, "?"), Message: msgText})
		}
	}

	if len(fields) > 0 {
		return errs.Invalid(fields...)
	}

	return nil
}

// refuseUnknownParameters refuses query parameters that the operation doesn't have: who misspells one would take the
// answer for another.
func (g *gateway) refuseUnknownParameters(c *gin.Context) {
	op := g.byRoute[route{c.Request.Method, c.FullPath()}]
	if op == nil || c.Request.URL.RawQuery == "" {
		return
	}

	var fields []errs.Field
	for _, name := range op.Unknown(c.Request.URL.Query()) {
		fields = append(fields, errs.Field{Name: name, Message: msgUnknown})
	}

	if len(fields) > 0 {
		httpserver.Fail(c, errs.Invalid(fields[:min(len(fields), maxFields)]...))
	}
}

// maxFields bounds how many bad fields an answer names.
const maxFields = 100
