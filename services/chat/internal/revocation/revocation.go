// Package revocation ends the sockets of those who may not be here any more.
package revocation

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// every is how often tokens and sessions are looked at; the contract gives us a second, the event of a suspension
	// included.
	every = 500 * time.Millisecond
	// askTimeout bounds one question, and askAtOnce is about how many sessions it may be.
	askTimeout = 4 * time.Second
	askAtOnce  = 1000
)

// SignIns knows which sessions are open; neighbours.SignIns does.
type SignIns interface {
	// Ended returns those of at most 1000 sessions that have ended.
	Ended(ctx context.Context, asked []hub.SignIn) ([]hub.SignIn, error)
}

// Guard watches the sockets of a hub.
type Guard struct {
	Hub     *hub.Hub
	SignIns SignIns
	Clock   clock.Clock
	Log     *slog.Logger
}

// Run watches until the context ends.
func (g *Guard) Run(ctx context.Context) {
	var loops errgroup.Group
	loops.Go(func() error { tick(ctx, func() { g.Hub.Expire(g.Clock.Now()) }); return nil })
	loops.Go(func() error { tick(ctx, func() { g.dismiss(ctx) }); return nil })
	_ = loops.Wait()
}

func tick(ctx context.Context, do func()) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			do()
		}
	}
}

// dismiss asks for all sessions that have sockets here. That the auth service is away says nothing about them, so
// nobody is thrown out for it.
func (g *Guard) dismiss(ctx context.Context) {
	all := g.Hub.SignIns()
	for len(all) > 0 {
		asked := all[:min(len(all), askAtOnce)]
		all = all[len(asked):]

		ended, err := g.ask(ctx, asked)
		if err != nil {
			if ctx.Err() == nil {
				g.Log.WarnContext(ctx, "could not ask which sessions have ended", "error", err)
			}

			return
		}

		g.Hub.Dismiss(ended)
	}
}

func (g *Guard) ask(ctx context.Context, asked []hub.SignIn) ([]hub.SignIn, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return g.SignIns.Ended(ctx, asked)
}
