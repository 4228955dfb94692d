package hub

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
)

// ErrTooManySockets and ErrStopping say why a member can't join.
var (
	ErrTooManySockets = errors.New("this person has too many sockets")
	ErrStopping       = errors.New("the service is stopping")
)

// Sockets that have to go because we stop come back over a time that grows with their number.
const (
	comeBackWithin = time.Second
	comeBackRate   = 500 // sockets a second
	comeBackAtMost = 10 * time.Second
)

// Limits are how much one person may do at this replica, over all sockets together.
type Limits struct {
	// Sockets is how many connections a person may have.
	Sockets int
	// FramesPerSecond and FrameBurst bound what a person sends.
	FramesPerSecond float64
	FrameBurst      int
	// BytesPerSecond and ByteBurst bound how much text a person writes; admins may write more.
	BytesPerSecond float64
	ByteBurst      int
}

// registry knows the members of this replica. It is safe for concurrent use.
type registry struct {
	limits Limits
	clock  clock.Clock

	mu       sync.Mutex
	stopping bool
	members  map[*Member]struct{}
	persons  map[uuid.UUID]*person
	// empty is closed when no member is left after the stop.
	empty chan struct{}
}

// person is what all sockets of one person share.
type person struct {
	members []*Member
	frames  *rate.Limiter
	text    *rate.Limiter
}

func newRegistry(l Limits, c clock.Clock) *registry {
	return &registry{
		limits:  l,
		clock:   c,
		members: map[*Member]struct{}{},
		persons: map[uuid.UUID]*person{},
		empty:   make(chan struct{}),
	}
}

func (r *registry) add(m *Member) error {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.stopping {
		return ErrStopping
	}

	p := r.persons[m.Person.UserID]
	if p == nil {
		p = &person{
			frames: rate.NewLimiter(rate.Limit(r.limits.FramesPerSecond), r.limits.FrameBurst),
			text:   rate.NewLimiter(rate.Limit(r.limits.BytesPerSecond), r.limits.ByteBurst),
		}
		if m.staff() {
			p.text.SetLimit(rate.Inf) // they answer all students
		}

		r.persons[m.Person.UserID] = p
	}

	if len(p.members) >= r.limits.Sockets {
		return ErrTooManySockets
	}

	p.members = append(p.members, m)
	m.person = p
	r.members[m] = struct{}{}

	return nil
}

// remove reports whether the member was there.
func (r *registry) remove(m *Member) bool {
	r.mu.Lock()
	defer r.mu.Unlock()

	if _, joined := r.members[m]; !joined {
		return false
	}

	delete(r.members, m)

	p := m.person
	if p.members = slices.DeleteFunc(p.members, func(other *Member) bool { return other == m }); len(p.members) == 0 {
		r.forget(m.Person.UserID, p)
	}

	if r.stopping && len(r.members) == 0 {
		close(r.empty)
	}

	return true
}

// forget drops what a person without sockets has used of the limits, unless coming back would give more than waiting.
func (r *registry) forget(id uuid.UUID, p *person) {
	now := r.clock.Now()
	if p.frames.TokensAt(now) >= float64(r.limits.FrameBurst)/2 && p.text.TokensAt(now) >= float64(r.limits.ByteBurst)/2 {
		delete(r.persons, id)
	}
}

// forgetRested drops persons without sockets whose limits have recovered.
func (r *registry) forgetRested() {
	r.mu.Lock()
	defer r.mu.Unlock()

	for id, p := range r.persons {
		if len(p.members) == 0 {
			r.forget(id, p)
		}
	}
}

func (r *registry) allowFrame(m *Member) bool {
	return m.person == nil || m.person.frames.AllowN(r.clock.Now(), 1)
}

func (r *registry) allowText(m *Member, bytes int) bool {
	return m.person == nil || m.person.text.AllowN(r.clock.Now(), bytes)
}

// of returns the members of a person.
func (r *registry) of(userID uuid.UUID) []*Member {
	r.mu.Lock()
	defer r.mu.Unlock()

	if p := r.persons[userID]; p != nil {
		return slices.Clone(p.members)
	}

	return nil
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.members)
}

// sides returns how many sockets belong to staff and to persons.
func (r *registry) sides() (staff, people int) {
	r.mu.Lock()
	defer r.mu.Unlock()

	for m := range r.members {
		if m.Person.Role == auth.Admin {
			staff++
		}
	}

	return staff, len(r.members) - staff
}

func (r *registry) isStopping() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopping
}

func (r *registry) closeIf(d Disconnect, is func(*Member) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()

	for m := range r.members {
		if is(m) {
			m.sink.Close(d)
		}
	}
}

func (r *registry) drain(ctx context.Context) {
	r.stop()

	select {
	case <-r.empty:
	case <-ctx.Done():
	}
}

// stop closes all sockets and lets no member in any more.
func (r *registry) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.stopping {
		return
	}

	r.stopping = true
	if len(r.members) == 0 {
		close(r.empty)
		return
	}

	within := comeBackWithin + time.Duration(len(r.members))*time.Second/comeBackRate
	within = min(within, comeBackAtMost)

	for m := range r.members {
		m.sink.Close(DisconnectGoingAway(rand.N(within))) //nolint:gosec // nothing secret
	}
}
