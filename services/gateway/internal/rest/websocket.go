package rest

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
)

// leaveToApps takes the security off operations that lead straight to their apps: what these accept besides a header
// is their own business.
func leaveToApps(bundle *openapi3.T) {
	for _, item := range bundle.Paths.Map() {
		for _, o := range item.Operations() {
			if webSocket, _ := o.Extensions["x-websocket"].(bool); webSocket {
				o.Security = &openapi3.SecurityRequirements{}
				delete(o.Extensions, "x-roles")
			}
		}
	}
}

// connect leads a WebSocket straight to the chat service.
func (g *gateway) connect(c *gin.Context) {
	c.Status(http.StatusSwitchingProtocols) // for the log; refusals replace it

	if err := g.chat.Serve(c.Writer, c.Request); err != nil {
		g.fail(c, err)
	}
}

// openWebSockets is a metric.
func (g *gateway) openWebSockets() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "shema_gateway_websockets", Help: "Open WebSocket connections.",
	}, func() float64 { return float64(g.chat.Open()) })
}
