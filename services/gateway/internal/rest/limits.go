package rest

import (
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/gateway/internal/ratelimit"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// limits are how much one address, and one person from all addresses, may ask.
type limits struct {
	signIns, requests *ratelimit.Limiter[netip.Addr]
	people, exports   *ratelimit.Limiter[uuid.UUID]
}

func newLimits(o Options) limits {
	return limits{
		signIns:  ratelimit.New[netip.Addr](o.SignInsPerSecond, time.Second, o.Clock),
		requests: ratelimit.New[netip.Addr](o.RequestsPerSecond, time.Second, o.Clock),
		people:   ratelimit.New[uuid.UUID](o.PersonRequestsPerSecond, time.Second, o.Clock),
		exports:  ratelimit.New[uuid.UUID](exportsPerHour, time.Hour, o.Clock),
	}
}

// limitRate counts the request. Health checks and events from our own sidecar are not counted.
func (g *gateway) limitRate(c *gin.Context) {
	path := c.FullPath()
	switch path {
	case "/healthz", "/readyz":
		return
	case eventsPath, deadLettersPath:
		if g.fromSidecar(c) {
			return
		}
	}

	limiter, name := g.requests, limitRequests
	if op := g.byRoute[route{c.Request.Method, path}]; op != nil && op.SignsIn {
		limiter, name = g.signIns, limitSignIns
	}

	client := clientOf(c)
	if !client.IsValid() {
		httpserver.Fail(c, errs.Internal.Wrap(errUnknownAddress))
		return
	}

	if !limiter.Allow(ratelimit.Network(client)) {
		g.metrics.limited.WithLabelValues(name).Inc()
		httpserver.Fail(c, errs.RateLimited)
	}
}
