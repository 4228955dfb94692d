package rest

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
)

const (
	// exportsPerHour is how often a person may ask for everything: it is the most that one request can cost.
	exportsPerHour = 6
	exportPause    = 10 * time.Minute
)

// exportMe answers with everything that is kept of the caller.
func (g *gateway) exportMe(c *gin.Context) {
	person, ok := auth.PrincipalFrom(c.Request.Context())
	if !ok {
		httpserver.Fail(c, errs.MissingToken)
		return
	}

	if !g.exports.Allow(person.UserID) {
		g.metrics.limited.WithLabelValues(limitPerson).Inc()
		httpserver.Fail(c, errs.RateLimited.After(exportPause))

		return
	}

	document, err := g.exporter.Gather(c.Request.Context(), person.UserID, c.GetHeader("Authorization"))
	if err != nil {
		g.fail(c, err)
		return
	}

	c.Header("Content-Disposition", `attachment; filename="shema-export.json"`)
	c.PureJSON(http.StatusOK, document)
}
