package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/shema-music/shema/test/internal/client"
)

// usualRate is how many requests leave in a second, whether or not earlier ones are answered; quietRate is for specs that bring
// work of their own.
const usualRate, quietRate = 50, 10

// round is how many requests there are with one booking and one sign-in among them.
const round = 25

// regulars are those who book during the load, each their own pair of slots; so many that none books more often than a person
// may.
const regulars = 30

// renewal is well within the life of an access token.
const renewal = 8 * time.Minute

// guest is one of a crowd, with the session as it is now.
type guest struct {
	*client.Person

	mu  sync.Mutex
	now atomic.Pointer[client.Client]
	// unsure is set when it is not known whether the last booking was made.
	unsure bool
}

func newGuest(p *client.Person) *guest {
	g := &guest{Person: p}
	g.now.Store(p.Client)
	return g
}

// crowd sends requests through the ingress as many people do.
type crowd struct {
	rate    int
	judge   *guest
	members []*guest
	lessons lessons
	stop    context.CancelFunc
	running sync.WaitGroup

	mu       sync.Mutex
	answers  int
	bookings int
	slowest  time.Duration
	lost     []string
}

// gather begins the load of rate requests a second: reads of all services, and one in 25 a booking that is withdrawn again, and
// one a sign-in.
func gather(ctx context.Context, rate int) *crowd {
	GinkgoHelper()

	ctx, stop := context.WithCancel(ctx)
	c := &crowd{rate: rate, judge: newGuest(again(admin())), lessons: course(2 * regulars), stop: stop}
	DeferCleanup(c.leave)

	for range regulars {
		c.members = append(c.members, newGuest(student()))
	}

	c.running.Go(func() { c.run(ctx) })
	c.running.Go(func() { c.renew(ctx) })

	return c
}

func (c *crowd) run(ctx context.Context) {
	reads := c.reads()

	tick := time.NewTicker(time.Second / time.Duration(c.rate))
	defer tick.Stop()

	for i := 0; ctx.Err() == nil; i++ {
		select {
		case <-ctx.Done():
		case <-tick.C:
			c.running.Go(func() {
				who := i / round % len(c.members)
				switch i % round {
				case 0:
					c.book(who)
					return
				case 1:
					g := c.members[who]
					c.count(stranger().Login(g.Email, g.Password))

					return
				}

				c.count(reads[i%len(reads)]())
			})
		}
	}
}

// renew exchanges the tokens in time.
func (c *crowd) renew(ctx context.Context) {
	tick := time.NewTicker(renewal)
	defer tick.Stop()

	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			for _, g := range append(c.members, c.judge) {
				a := stranger().Refresh(g.Session.RefreshToken)
				c.count(a)

				if session, err := client.Decode[client.Session](a, 200); err == nil {
					g.Session = session
					g.now.Store(stranger().With(session.AccessToken))
				}
			}
		}
	}
}

// reads ask every service for something.
func (c *crowd) reads() []func() client.Answer {
	var all []func() client.Answer

	ask := func(g *guest, paths ...string) {
		for _, path := range paths {
			all = append(all, func() client.Answer { return g.now.Load().Get(path) })
		}
	}
	ask(c.members[0], "/api/courses?limit=5", "/api/courses/"+c.lessons.Name, "/api/users/me", "/api/bookings",
		"/api/schedules/available?course_id="+c.lessons.ID, "/api/users/me/notifications", "/api/auth/sessions", "/api/recommendations", "/")
	ask(c.judge, "/api/admin/dashboard", "/api/chat/stats", "/api/bookings/stats")

	return all
}

// book books the two slots of one member and withdraws that again.
func (c *crowd) book(who int) {
	g := c.members[who]
	g.mu.Lock()
	defer g.mu.Unlock()

	if g.unsure && !g.withdraw() {
		return
	}

	a := g.now.Load().Book(c.lessons.ID, c.lessons.Slots[2*who].ID, c.lessons.Slots[2*who+1].ID)
	c.count(a)

	b, err := client.Decode[client.Booking](a, 201)
	if g.unsure = err != nil; g.unsure {
		return
	}

	a = g.now.Load().Cancel(b.ID)
	c.count(a)

	g.unsure = !a.OK()

	c.mu.Lock()
	defer c.mu.Unlock()

	c.bookings++
}

// withdraw ends what the guest has booked without hearing of it, so that one lost answer does not spoil what follows.
func (g *guest) withdraw() bool {
	made, err := client.Walk[client.Booking](g.now.Load(), "/api/bookings?status=pending&limit=100")
	for _, b := range made {
		if !g.now.Load().Cancel(b.ID).OK() {
			return false
		}
	}

	return err == nil
}

// count keeps an answer; everything but success is lost, a dashboard that lacks something too.
func (c *crowd) count(a client.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.answers++

	c.slowest = max(c.slowest, a.Took)
	if board, err := client.Decode[client.Dashboard](a, 200); !a.OK() || err == nil && len(board.Degraded) > 0 {
		c.lost = append(c.lost, time.Now().Format("15:04:05.000 ")+a.String())
	}
}

// take returns what was lost since the last call, and how many answers there were in all.
func (c *crowd) take() (lost []string, answers int) {
	c.mu.Lock()
	defer c.mu.Unlock()

	lost, c.lost = c.lost, nil

	return lost, c.answers
}

// answered returns how many answers there were in all.
func (c *crowd) answered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answers
}

// leave ends the load and waits for the last answers.
func (c *crowd) leave() {
	c.stop()
	c.running.Wait()
}

// some shortens a list for people.
func some(all []string) []string {
	if len(all) > 10 {
		return append(slices.Clone(all[:10]), fmt.Sprintf("and %d more", len(all)-10))
	}

	return all
}
