package rest

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
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
		g.fail(c, err)
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

// wantsJSON is what programs say, and browsers don't.
func wantsJSON(r *http.Request) bool {
	accept := strings.Join(r.Header["Accept"], ",")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}
