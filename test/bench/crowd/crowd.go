// Package crowd is many people in the chat at once, each with several open sockets, and an admin who hears everything.
// It keeps a book of all messages, and can tell how long each took to each socket, and whether one was lost or came
// twice.
package crowd

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/shema-music/shema/test/internal/socket"
)

const (
	// adminEvery says which share of the messages is the admin's: one of so many.
	adminEvery = 50
	text       = "Selamat sore, apakah saya boleh pindah ke hari Rabu pukul empat? Terima kasih banyak."
)

// Crowd is all devices together. Its methods are for one caller.
type Crowd struct {
	base   string
	people [][]*device
	admin  *device
	book   book
	asked  *questions
	cancel context.CancelFunc
	ctx    context.Context //nolint:containedctx // the crowd's life, which ends with Close
	all    sync.WaitGroup

	mu     sync.Mutex
	faults []error
	failed int
	// ends counts connections that have ended by their close codes.
	ends map[int]int
}

// Options say who is in a crowd.
type Options struct {
	// Gateway is the platform's address.
	Gateway string
	// People and Admin are access tokens.
	People []string
	Admin  string
	// Sockets is how many each of the people has.
	Sockets int
}

// New returns a crowd that is not connected yet.
func New(o Options) *Crowd {
	c := &Crowd{base: o.Gateway, asked: newQuestions(4 * len(o.People)), ends: map[int]int{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.admin = c.device(o.Admin)

	c.admin.admin = true
	for _, token := range o.People {
		devices := make([]*device, o.Sockets)
		for i := range devices {
			devices[i] = c.device(token)
		}

		c.people = append(c.people, devices)
	}

	return c
}

func (c *Crowd) device(token string) *device {
	return &device{
		crowd:  c,
		auth:   socket.Bearer(token),
		known:  map[string]*heard{},
		unsure: map[string]draft{},
	}
}

// Sockets returns how many there are.
func (c *Crowd) Sockets() int { return len(c.devices()) }

func (c *Crowd) devices() []*device {
	list := []*device{c.admin}
	for _, devices := range c.people {
		list = append(list, devices...)
	}

	return list
}

// Connect opens all sockets, some at once; the admin's comes last and so is told of all sessions.
func (c *Crowd) Connect(atOnce int) error {
	places := make(chan struct{}, atOnce)
	list := c.devices()
	failures := make([]error, len(list))

	var opening sync.WaitGroup
	for i := len(list) - 1; i >= 0; i-- {
		if i == 0 {
			opening.Wait()
		}

		places <- struct{}{}

		opening.Go(func() {
			defer func() { <-places }()

			if failures[i] = list[i].connect(c.ctx); failures[i] == nil {
				c.all.Go(func() { list[i].live(c.ctx) })
			}
		})
	}

	opening.Wait()
	c.all.Go(func() { c.asked.run(c.ctx.Done()) })

	return errors.Join(failures...)
}

// Close hangs up everywhere.
func (c *Crowd) Close() {
	c.cancel()

	for _, d := range c.devices() {
		d.mu.Lock()
		if d.conn != nil {
			d.conn.Break()
		}

		d.mu.Unlock()
	}

	c.all.Wait()
}

// fail notes what must not happen; the first few are enough to know what it is.
func (c *Crowd) fail(err error) {
	if c.ctx.Err() != nil {
		return
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	if c.failed++; len(c.faults) < 5 {
		c.faults = append(c.faults, err)
	}
}

// count notes how a connection has ended.
func (c *Crowd) count(err error) {
	code, _ := socket.CloseCode(err)

	c.mu.Lock()
	defer c.mu.Unlock()

	c.ends[code]++
}

// Talk says so many messages a second, for that long: one session after the other, and in each one socket after the
// other. Messages are said at their time, whether or not earlier ones have arrived.
func (c *Crowd) Talk(ctx context.Context, rate int, during time.Duration) error {
	started := time.Now()
	for i := range int(during.Seconds() * float64(rate)) {
		due := started.Add(time.Duration(i) * time.Second / time.Duration(rate))
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}

		if ctx.Err() != nil {
			return ctx.Err()
		}

		place, round := i%len(c.people), i/len(c.people)
		devices := c.people[place]

		speaker, session := devices[round%len(devices)], devices[0].session
		if (place+round)%adminEvery == 0 {
			speaker = c.admin
		}

		speaker.say(session, c.book.add(due, session), text)
	}

	return nil
}
