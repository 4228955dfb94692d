package hub

import (
	"context"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// watchEvery is how often tokens are looked at, and a part of the sign-ins is asked for: so thousands of sockets are no
	// burst of work. After watchRounds of them, half a second, all were asked for; the contract gives us a second.
	watchEvery  = 250 * time.Millisecond
	watchRounds = 2
	// askTimeout bounds one question, and askAtOnce is how many sign-ins it is about at most.
	askTimeout = 4 * time.Second
	askAtOnce  = 1000
)

// SignIn is one session of a person at the auth service.
type SignIn struct{ UserID, SessionID uuid.UUID }

// SignIns knows which sign-ins are open; clients.SignIns does.
type SignIns interface {
	// Ended returns those of at most 1000 sign-ins that have ended.
	Ended(ctx context.Context, asked []SignIn) ([]SignIn, error)
}

// RevocationWatch ends the sockets of those who may not be here any more: whose access token has expired, or whose
// sign-in has ended.
type RevocationWatch struct {
	hub     *Hub
	signIns SignIns
	clock   clock.Clock

	round uint8
}

// NewRevocationWatch returns a watch over the sockets of a hub.
func NewRevocationWatch(h *Hub, s SignIns, c clock.Clock) *RevocationWatch {
	return &RevocationWatch{hub: h, signIns: s, clock: c}
}

// Run watches until the context ends.
func (w *RevocationWatch) Run(ctx context.Context) {
	var loops errgroup.Group
	loops.Go(func() error { everyTick(ctx, func() { w.expire() }); return nil })
	loops.Go(func() error { everyTick(ctx, func() { w.revoke(ctx) }); return nil })
	_ = loops.Wait()
}

func everyTick(ctx context.Context, do func()) {
	ticker := time.NewTicker(watchEvery)
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

// expire closes the sockets whose access tokens have expired.
func (w *RevocationWatch) expire() {
	now := w.clock.Now()
	w.hub.registry.closeIf(DisconnectExpired, func(m *Member) bool { return !now.Before(m.Person.ExpiresAt) })
	w.hub.registry.forgetRested()
}

// revoke asks for the sign-ins whose turn it is. That the auth service is away says nothing about them, so no socket is
// disconnected for it; they are asked for again in the next round.
func (w *RevocationWatch) revoke(ctx context.Context) {
	due := w.hub.registry.signIns(w.round)
	w.round = (w.round + 1) % watchRounds

	for len(due) > 0 {
		asked := due[:min(len(due), askAtOnce)]
		due = due[len(asked):]

		ended, err := w.ask(ctx, asked)
		if err != nil {
			if ctx.Err() == nil {
				w.hub.log.WarnContext(ctx, "could not ask which sessions have ended", "error", err)
			}

			return
		}

		w.hub.registry.revoke(ended)
	}
}

func (w *RevocationWatch) ask(ctx context.Context, asked []SignIn) ([]SignIn, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return w.signIns.Ended(ctx, asked)
}

// signIns returns the sign-ins whose turn the round is, each once.
func (r *registry) signIns(round uint8) []SignIn {
	r.mu.Lock()
	defer r.mu.Unlock()

	seen := map[SignIn]bool{}

	var list []SignIn
	for m := range r.members {
		s := m.signIn()
		if s.SessionID[len(s.SessionID)-1]%watchRounds == round && !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}

	return list
}

func (m *Member) signIn() SignIn {
	return SignIn{UserID: m.Person.UserID, SessionID: m.Person.SessionID}
}

// revoke closes the sockets of sign-ins that have ended.
func (r *registry) revoke(ended []SignIn) {
	if len(ended) == 0 {
		return
	}

	gone := make(map[SignIn]bool, len(ended))
	for _, s := range ended {
		gone[s] = true
	}

	r.closeIf(DisconnectNotAllowed, func(m *Member) bool { return gone[m.signIn()] })
}
