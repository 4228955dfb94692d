package rest

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/gateway/internal/proxy"
	"github.com/shema-music/shema/services/gateway/internal/routes"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// Where the sidecar delivers events, and those that it could not deliver for a while.
const (
	eventsPath      = "/dapr/events/:topic"
	deadLettersPath = "/dapr/dead-letters"
)

var (
	errUnknownAddress = errors.New("the client has no address")
	errSessionEnded   = errors.New("the session has ended")
	errForeignPage    = errors.New("the cookie came from a page of another origin")
)

// noStore is for everything but the catalogue and the documents: it is personal, or holds tokens.
var noStore = []string{"no-store"}

// allowOrigin sets the headers that all answers have in common, errors included, and answers preflights.
func (g *gateway) allowOrigin(c *gin.Context) {
	header := c.Writer.Header()
	header["Cache-Control"] = noStore
	g.cors.Apply(header, c.Request)

	if g.cors.Preflight(c.Writer, c.Request) {
		c.Abort()
	}
}

// requireOpenSession counts the person's requests and refuses tokens of sessions that have ended. Tokens were checked before; public operations don't
// look at them.
func (g *gateway) requireOpenSession(c *gin.Context) {
	person, ok := auth.PrincipalFrom(c.Request.Context())
	if !ok {
		return
	}

	if !g.people.Allow(person.UserID) {
		g.metrics.limited.WithLabelValues(limitPerson).Inc()
		httpserver.Fail(c, errs.RateLimited)

		return
	}

	open, err := g.sessions.Open(c.Request.Context(), person.UserID, person.SessionID)
	switch {
	case err != nil:
		g.fail(c, err)
	case !open:
		httpserver.Fail(c, errs.InvalidToken.Wrap(errSessionEnded))
	}
}

// noMethod answers requests for a known path with another method.
func (g *gateway) noMethod(c *gin.Context) {
	header := c.Writer.Header()
	header.Del("Allow") // gin's own list mixes in methods of other paths.

	methods := strings.Join(routes.Allowed(g.table, c.Request.URL.Path), ", ")
	if methods == "" { // /dapr and /healthz: the outside needs not know that they are there.
		notFound(c)
		return
	}

	header.Set("Allow", methods)
	httpserver.Fail(c, errs.MethodNotAllowed)
}

// refuseForeignCookie refuses requests that carry the refresh token's cookie and come from a page that is neither ours nor
// on the list: the browser sends the cookie for every page.
func (g *gateway) refuseForeignCookie(c *gin.Context) {
	if _, err := c.Request.Cookie(proxy.RefreshCookie); err != nil || g.cors.Own(c.Request) {
		return
	}

	httpserver.Fail(c, errs.Forbidden.Wrap(errForeignPage))
}

func (g *gateway) fromSidecar(c *gin.Context) bool {
	given := []byte(c.GetHeader("dapr-api-token"))
	return g.appAPIToken != "" && subtle.ConstantTimeCompare(given, []byte(g.appAPIToken)) == 1
}

// receiveEvent drops what is kept of the catalogue when it has changed. What a booking changes is dropped with its answer
// (afterwards); another gateway shows it when what it keeps is too old, less than a second later, with or without an event,
// which only one of them would get. The sidecar needs no more than the status. The gateway files no dead letters: an event that is lost costs the life time of an answer, less than a
// second, and one that comes late costs nothing.
func (g *gateway) receiveEvent(c *gin.Context) {
	g.cache.Invalidate()
	c.JSON(http.StatusOK, gin.H{"status": "SUCCESS"})
}

func notFound(c *gin.Context) { httpserver.Fail(c, errs.NotFound) }
