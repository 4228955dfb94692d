// Package inbox takes in what no request waits for: the timer of the deadline, and the jobs that finish bookings.
package inbox

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/kit/httpserver"
)

// sweepRoute is where the Dapr cron binding calls every replica.
const sweepRoute = "/dapr/bindings/booking-expiry-sweep"

// sweepTime is how long one sweep may take. It is more than a request may, and less than the time to the next tick.
const sweepTime = 25 * time.Second

// Router is where routes for the sidecar are registered; httpserver.Server is one.
type Router interface {
	FromDapr(method, path string, handlers ...gin.HandlerFunc)
}

// Sweeper is booking.Service.
type Sweeper interface {
	Sweep(ctx context.Context) error
}

// RegisterSweep makes the timer's ticks sweep.
func RegisterSweep(router Router, bookings Sweeper, log *slog.Logger) {
	router.FromDapr(http.MethodPost, sweepRoute, func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), sweepTime)
		defer cancel()

		if err := bookings.Sweep(ctx); err != nil {
			log.WarnContext(ctx, "the sweep is not through", "error", err)
			httpserver.Fail(c, err)
			return
		}

		c.Status(http.StatusOK)
	})
}
