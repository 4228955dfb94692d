// Package inbox takes in what no request waits for: the timer that closes idle sessions.
package inbox

import (
	"context"
	"time"

	"github.com/shema-music/shema/services/kit/inbox"
)

// sweepTime is how long one sweep may take. It is more than a request may, and less than the time to the next tick.
const sweepTime = 25 * time.Second

// Sweeper is chat.Service.
type Sweeper interface {
	Sweep(ctx context.Context) error
}

// SweepTimer makes the ticks of the Dapr cron binding, which come to every replica, sweep.
func SweepTimer(s Sweeper) inbox.Timer {
	return inbox.Timer{Binding: "chat-idle-sweep", Limit: sweepTime, Job: s.Sweep}
}
