package faults_test

import (
	"context"
	"fmt"
	"net/http"
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

// school is the platform as its people see it.
type school struct {
	env       *testenv.Environment
	memory    *memory
	transport *http.Transport
	people    atomic.Int64
	// disk is the one of Postgres; nil where it can't be full.
	disk *disk
	// flushed tells that Redis has lost everything, sessions among it, at some time.
	flushed atomic.Bool
}

// person is one who signs in again when they have to.
type person struct {
	*client.Person

	school *school
}

// newcomer is a stranger at an address of their own.
func (s *school) newcomer() *client.Client {
	n := s.people.Add(1)
	return client.New(s.env.Gateway, fmt.Sprintf("10.%d.%d.%d", n>>16&0xff, n>>8&0xff, n&0xff), s.transport)
}

// register makes an account, however often that has to be tried. It returns nil if ctx ends first.
func (s *school) register(ctx context.Context) *person {
	c := s.newcomer()
	email := fmt.Sprintf("person-%d@faults.shema.test", s.people.Add(1))
	p := &person{Person: &client.Person{Client: c, Email: email, Password: password}, school: s}
	lost := false

	for range ticks(ctx) {
		switch a := c.Register(email, password, nil); {
		case a.Status == http.StatusCreated:
			session, err := client.Decode[client.Session](a, http.StatusCreated)
			if err == nil {
				s.memory.account(account{email, password})

				p.Session, p.Client = session, c.With(session.AccessToken)

				return p
			}
		case a.Status == http.StatusConflict && lost:
			// The first try went through, only its answer did not.
			if p.signIn(ctx) {
				s.memory.account(account{email, password})
				return p
			}
		case a.Status == http.StatusConflict:
			s.memory.complainf("a new address is taken: %s", a)
		case unanswered(a):
			lost = true

			s.memory.noAnswer()
		}
	}

	return nil
}

// signInAdmin returns the administrator with a session of its own, or nil if ctx ends first.
func (s *school) signInAdmin(ctx context.Context) *person {
	p := &person{
		Person: &client.Person{Client: s.newcomer(), Email: s.env.AdminEmail, Password: s.env.AdminPassword},
		school: s,
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
			p.school.memory.complainf("%s cannot sign in: %s", p.Email, a)
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

			p.school.memory.noAnswer()
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

// lessons makes a course with slots, and waits until they are offered.
func (s *school) lessons(ctx context.Context, count int) (course string, slots []client.Slot, err error) {
	name := s.env.Catalogue.Name("faults")

	err = s.env.Catalogue.Create(ctx, catalogue.Course(name), catalogue.Schedule(name, name, catalogue.Start(), count))
	if err != nil {
		return "", nil, err
	}

	c := s.newcomer()
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
