package hub

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/auth"
)

// Close codes of the contract.
const (
	CloseGoingAway    = 1001
	CloseTokenExpired = 4001
	CloseNotAllowed   = 4003
	CloseTooSlow      = 4008
	CloseTooMany      = 4029
)

// Sockets that have to go because we stop come back over a time that grows with their number.
const (
	comeBackWithin = time.Second
	comeBackRate   = 500 // sockets a second
	comeBackAtMost = 10 * time.Second
)

// SignIn is one session of a person at the auth service.
type SignIn struct{ UserID, SessionID uuid.UUID }

func signInOf(p *auth.Principal) SignIn { return SignIn{UserID: p.UserID, SessionID: p.SessionID} }

// SignIns returns whose sockets there are, each once.
func (h *Hub) SignIns() []SignIn {
	h.mu.Lock()
	defer h.mu.Unlock()

	seen := make(map[SignIn]bool, len(h.members))

	list := make([]SignIn, 0, len(h.members))
	for m := range h.members {
		if s := signInOf(&m.Person); !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}

	return list
}

// Expire closes the sockets whose access tokens have expired.
func (h *Hub) Expire(now time.Time) {
	h.closeIf(CloseTokenExpired, "the access token has expired", func(m *Member) bool {
		return !now.Before(m.Person.ExpiresAt)
	})
}

// Dismiss closes the sockets of sessions that have ended.
func (h *Hub) Dismiss(ended []SignIn) {
	if len(ended) == 0 {
		return
	}

	gone := make(map[SignIn]bool, len(ended))
	for _, s := range ended {
		gone[s] = true
	}

	h.closeIf(CloseNotAllowed, "the session has ended", func(m *Member) bool { return gone[signInOf(&m.Person)] })
}

func (h *Hub) closeIf(code int, reason string, is func(*Member) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()

	for m := range h.members {
		if is(m) {
			m.sink.Close(code, reason)
		}
	}
}

// Drain closes all sockets with a hint when to come back, lets nobody in any more, and waits until all have gone, at
// most until the context ends.
func (h *Hub) Drain(ctx context.Context) {
	h.mu.Lock()
	h.stopping = true
	within := comeBackWithin + time.Duration(len(h.members))*time.Second/comeBackRate

	within = min(within, comeBackAtMost)
	for m := range h.members {
		after := rand.N(within) //nolint:gosec // nothing secret
		m.sink.Close(CloseGoingAway, fmt.Sprintf("reconnect_after_ms=%d", after.Milliseconds()))
	}

	h.mu.Unlock()

	const look = 20 * time.Millisecond
	for h.Sockets() > 0 && pause(ctx, look) {
	}
}

// Stopping reports whether nobody is let in any more.
func (h *Hub) Stopping() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stopping
}

// Sockets returns how many sockets there are.
func (h *Hub) Sockets() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.members)
}
