// Package inbox takes in what no request waits for: the timer of the deadline, and the jobs that finish bookings.
package inbox

import (
	"context"
	"time"

	"github.com/shema-music/shema/services/kit/inbox"
)

// sweepTime is how long one sweep may take. It is more than a request may, and less than the time to the next tick.
const sweepTime = 25 * time.Second

// Sweeper is booking.Service.
type Sweeper interface {
	Sweep(ctx context.Context) error
}

// SweepTimer makes the ticks of the Dapr cron binding, which come to every replica, sweep.
func SweepTimer(s Sweeper) inbox.Timer {
	return inbox.Timer{Binding: "booking-expiry-sweep", Limit: sweepTime, Job: s.Sweep}
}
