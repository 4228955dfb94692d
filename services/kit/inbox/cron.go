package inbox

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/kit/httpserver"
)

// Timer is a job that a Dapr cron binding starts, in every replica.
type Timer struct {
	// Binding is the component's name; it ticks at POST /dapr/bindings/<name>.
	Binding string
	// Limit is how long the job may take: more than a request may, and less than the time to the next tick.
	Limit time.Duration
	// Job must be harmless when it runs without need: Dapr may tick twice.
	Job func(ctx context.Context) error
}

// Cron registers the timer's route. A tick that comes while the job runs is answered at once: nothing is gained by
// running it twice side by side, and a caller that can make ticks cannot make work with them.
func Cron(router Router, log *slog.Logger, t Timer) {
	var running atomic.Bool

	router.FromDapr(http.MethodPost, "/dapr/bindings/"+t.Binding, func(c *gin.Context) {
		if !running.CompareAndSwap(false, true) {
			c.Status(http.StatusOK)
			return
		}

		defer running.Store(false)

		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), t.Limit)
		defer cancel()

		if err := t.Job(ctx); err != nil {
			log.WarnContext(ctx, "the timer's job is not through", "binding", t.Binding, "error", err)
			httpserver.Fail(c, err)
			return
		}

		c.Status(http.StatusOK)
	})
}
