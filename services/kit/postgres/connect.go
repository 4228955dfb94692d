package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// connectsAtOnce is how many connections a pool makes at the same time. When Postgres comes back after a restart, all
// pools of all services want all of theirs: each costs both sides a process and a password's hashing, and together they
// would take longer than connectTimeout, fail together and begin anew.
const connectsAtOnce = 2

// connectGate has connections made a few at a time.
type connectGate chan struct{}

type enteredKey struct{}

// TraceConnectStart waits for a place, or until there is no use in it any more: then connecting fails by itself.
func (g connectGate) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	select {
	case g <- struct{}{}:
		return context.WithValue(ctx, enteredKey{}, true)
	case <-ctx.Done():
		return ctx
	}
}

// TraceConnectEnd gives the place back.
func (g connectGate) TraceConnectEnd(ctx context.Context, _ pgx.TraceConnectEndData) {
	if ctx.Value(enteredKey{}) != nil {
		<-g
	}
}
