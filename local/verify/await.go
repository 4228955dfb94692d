package verify

import (
	"context"
	"fmt"
	"time"
)

// awaitEvery is the pause between two attempts to reach the database.
const awaitEvery = time.Second

// Pinger is a pool of connections.
type Pinger interface {
	Ping(ctx context.Context) error
}

// AwaitDatabase returns when the database answers, or after patience with what keeps it from answering.
func AwaitDatabase(ctx context.Context, db Pinger, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	var last error
	for {
		err := db.Ping(ctx)
		if err == nil {
			return nil
		}

		if ctx.Err() == nil || last == nil {
			last = err
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("the database does not answer: %w", last)
		case <-time.After(awaitEvery):
		}
	}
}
