package rest

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
)

// showDashboard answers with what could be gathered, also when that is nothing.
func (g *gateway) showDashboard(c *gin.Context) {
	ctx := c.Request.Context()

	answer := g.dashboard.Gather(ctx, c.GetHeader("Authorization"))
	if errors.Is(ctx.Err(), context.Canceled) {
		c.AbortWithStatus(clientClosedRequest)
		return
	}

	for _, appID := range answer.Degraded {
		g.metrics.degraded.WithLabelValues(appID).Inc()
	}

	c.PureJSON(http.StatusOK, answer)
}
