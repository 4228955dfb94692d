package rest

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/gateway/internal/website"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// reserved are the beginnings of paths that are never the website's.
var reserved = []string{"/api", "/asyncapi", "/dapr", "/docs", "/healthz", "/internal", "/metrics", "/openapi", "/readyz", "/v1.0"}

// notAnOperation leads what is neither the API nor one of its documents to the website.
func (g *gateway) notAnOperation(c *gin.Context) {
	if g.website == nil || c.Request.Method != http.MethodGet || isReserved(c.Request.URL.Path) {
		notFound(c)
		return
	}

	page, err := g.website.Get(c.Request)
	if err != nil {
		g.withoutWebsite(c, err)
		return
	}

	defer page.Close()

	if page.Missing() && wantsJSON(c.Request) {
		notFound(c)
		return
	}

	page.Send(c.Writer)
}

func isReserved(path string) bool {
	for _, beginning := range reserved {
		rest, found := strings.CutPrefix(path, beginning)
		if found && (rest == "" || rest[0] == '/' || rest[0] == '.') {
			return true
		}
	}

	return false
}

// withoutWebsite tells that the website is away: a person with a page, a program in the shape of the API.
func (g *gateway) withoutWebsite(c *gin.Context, err error) {
	if errors.Is(err, errs.Unavailable) && wantsPage(c.Request) {
		httpserver.FailWithPage(c, err, website.Away(c.Writer.Header()))
		return
	}

	g.fail(c, err)
}

// wantsJSON is what programs say, and browsers don't.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(accept(r), "json") && !wantsPage(r)
}

// wantsPage is what browsers say when a person opens a page, but not for what the page loads then. Who names JSON first
// is a program.
func wantsPage(r *http.Request) bool {
	before, _, found := strings.Cut(accept(r), "text/html")
	return found && !strings.Contains(before, "json")
}

func accept(r *http.Request) string { return strings.Join(r.Header["Accept"], ",") }
