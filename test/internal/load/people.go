package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/testenv"
)

const (
	password = "correct horse battery"
	// pause is how long a person waits before trying again, or doing the next thing.
	pause = 150 * time.Millisecond
)

// Cast says how many people do what, and how they take their time.
type Cast struct {
	// Bookers book and decide, Talkers talk, Rotators exchange refresh tokens.
	Bookers, Talkers, Rotators int
	// Visitors sign in, look around with an open socket, and sign out again; Readers are admins who look at lists; Editors
	// change the catalogue.
	Visitors, Readers, Editors int
	// Rest is how long each rests after what belongs together.
	Rest time.Duration
	// Messages is after how many of them a talker leaves and comes back; zero means that they stay.
	Messages int
}

// Hurried are those who leave a platform no moment at which nothing is in flight.
func Hurried() Cast { return Cast{Bookers: 4, Talkers: 2, Rotators: 2} }

// Load is people who use one platform, each for as long as they are told. It is safe for concurrent use.
type Load struct {
	env       *testenv.Environment
	cast      Cast
	memory    *memory
	transport *http.Transport
	people    atomic.Int64
	// forgetful tells that Redis may have lost sessions.
	forgetful atomic.Bool
}

// New returns people who haven't begun.
func New(env *testenv.Environment, cast Cast) *Load {
	return &Load{
		env:       env,
		cast:      cast,
		memory:    newMemory(),
		transport: client.Transport(),
	}
}

// Use lets people use the platform until over ends, and returns when they have finished what they had begun, or when ctx
// ends.
func (l *Load) Use(ctx, over context.Context) {
	var people sync.WaitGroup

	for _, role := range []struct {
		count int
		play  func(ctx, over context.Context)
	}{
		{l.cast.Bookers, l.book},
		{l.cast.Talkers, l.talk},
		{l.cast.Rotators, l.rotate},
		{l.cast.Visitors, l.visit},
		{l.cast.Readers, l.read},
		{l.cast.Editors, l.edit},
	} {
		for range role.count {
			people.Go(func() { role.play(ctx, over) })
		}
	}

	people.Wait()
}

// rest is the pause after what belongs together.
func (l *Load) rest(over context.Context) {
	if l.cast.Rest > 0 {
		Rest(over, l.cast.Rest/2+rand.N(l.cast.Rest))
	}
}

// RedisForgets says that sessions may be gone from now on: who is sent away signs in again, and doesn't complain.
func (l *Load) RedisForgets() { l.forgetful.Store(true) }

// Summary counts what was accepted.
func (l *Load) Summary() string { return l.memory.summary() }

// Differences are those between what was accepted and the tables.
func (l *Load) Differences(ctx context.Context) ([]string, error) {
	return l.memory.differences(ctx, l.env)
}

// SignIns tries whether the last of those who were told that they are registered can sign in, and returns the answers of
// those who can't.
func (l *Load) SignIns() []string {
	var refused []string
	for _, a := range l.memory.lastAccounts() {
		if answer := l.Newcomer().Login(a.email, a.password); !answer.OK() {
			refused = append(refused, a.email+": "+answer.String())
		}
	}

	return refused
}

// person is one who signs in again when they have to.
type person struct {
	*client.Person

	load *Load
}

// Newcomer is a stranger at an address of their own.
func (l *Load) Newcomer() *client.Client {
	n := l.people.Add(1)
	c := client.New(l.env.Gateway, fmt.Sprintf("10.%d.%d.%d", n>>16&0xff, n>>8&0xff, n&0xff), l.transport)
	c.Observe = l.env.Shown.Observe

	return c
}

// register makes an account, however often that has to be tried. It returns nil if ctx ends first.
func (l *Load) register(ctx context.Context) *person {
	c := l.Newcomer()
	email := fmt.Sprintf("person-%d@load.shema.test", l.people.Add(1))
	p := &person{Person: &client.Person{Client: c, Email: email, Password: password}, load: l}
	lost := false

	for range ticks(ctx) {
		switch a := c.Register(email, password, nil); {
		case a.Status == http.StatusCreated:
			session, err := client.Decode[client.Session](a, http.StatusCreated)
			if err == nil {
				l.memory.account(account{email, password})

				p.Session, p.Client = session, c.With(session.AccessToken)

				return p
			}
		case a.Status == http.StatusConflict && lost:
			// The first try went through, only its answer did not.
			if p.signIn(ctx) {
				l.memory.account(account{email, password})
				return p
			}
		case a.Status == http.StatusConflict:
			l.memory.complainf("a new address is taken: %s", a)
		case unanswered(a):
			lost = true

			l.memory.noAnswer()
		}
	}

	return nil
}

// replace lets a newcomer take the place of who has done what they wanted, and may be nil.
func (l *Load) replace(ctx context.Context, p *person) *person {
	if p != nil {
		p.leave()
	}

	return l.register(ctx)
}

// leave signs out, as those do who have done what they wanted. A session that stays open for want of an answer is no fault.
func (p *person) leave() { _ = p.Logout(p.Session.RefreshToken) }

// signInAdmin returns the administrator with a session of its own, or nil if ctx ends first.
func (l *Load) signInAdmin(ctx context.Context) *person {
	p := &person{
		Person: &client.Person{Client: l.Newcomer(), Email: l.env.AdminEmail, Password: l.env.AdminPassword},
		load:   l,
	}
	if !p.signIn(ctx) {
		return nil
	}

	return p
}

// signIn gets a new session, however often that has to be tried.
func (p *person) signIn(ctx context.Context) bool {
	for range ticks(ctx) {
		a := p.With("").Login(p.Email, p.Password)

		session, err := client.Decode[client.Session](a, http.StatusOK)
		if err == nil {
			p.Session, p.Client = session, p.With(session.AccessToken)
			return true
		}

		if a.Status == http.StatusUnauthorized {
			p.load.memory.complainf("%s cannot sign in: %s", p.Email, a)
		}
	}

	return false
}

// insist asks until there is an answer that counts; lost tells that there was a try without one, which may have had its
// effect. It returns false if ctx ends first.
func (p *person) insist(ctx context.Context, ask func() client.Answer) (a client.Answer, lost, ok bool) {
	for range ticks(ctx) {
		a = ask()

		switch {
		case unanswered(a):
			lost = true

			p.load.memory.noAnswer()
		case a.Status == http.StatusUnauthorized:
			// The session is gone with Redis' memory, or the token's quarter of an hour is over.
			if !p.signIn(ctx) {
				return a, lost, false
			}
		case a.Status != http.StatusTooManyRequests:
			return a, lost, true
		}
	}

	return a, lost, false
}

// unanswered tells whether the caller can't know what came of a request.
func unanswered(a client.Answer) bool {
	return a.Err != nil || a.Status >= http.StatusInternalServerError
}

// ticks yields at once, and then after every pause, until ctx ends.
func ticks(ctx context.Context) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		ticker := time.NewTicker(pause)
		defer ticker.Stop()

		for i := 0; ctx.Err() == nil && yield(i); i++ {
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
	}
}

// Rest waits, and tells whether ctx is still going on.
func Rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Lessons makes a course with slots, and waits until they are offered.
func (l *Load) Lessons(ctx context.Context, count int) (course string, slots []client.Slot, err error) {
	name := l.env.Catalogue.Name("load")

	err = l.env.Catalogue.Create(ctx, catalogue.Course(name), catalogue.Schedule(name, name, catalogue.Start(), count))
	if err != nil {
		return "", nil, err
	}

	c := l.Newcomer()
	for range ticks(ctx) {
		found, err := client.Decode[client.Course](c.Get("/api/courses/"+name), http.StatusOK)
		if err != nil {
			continue
		}

		if slots, err = client.Available(c, found.ID); err == nil && len(slots) == count {
			return found.ID, slots, nil
		}
	}

	return "", nil, fmt.Errorf("the slots of %s are not offered: %w", name, ctx.Err())
}
