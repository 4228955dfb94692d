package main

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/shema-music/shema/test/internal/client"
)

const (
	password    = "kunci-Rahasia-88"
	loginTime   = 2500 * time.Millisecond
	loginRounds = 2
	hashCost    = 10
)

var visitors atomic.Int64

// visitor is a caller with an address of its own.
func (b *bench) visitor() *client.Client {
	n := visitors.Add(1)
	return client.New(b.Gateway, fmt.Sprintf("10.%d.%d.7", n/250, n%250), shared)
}

var shared = client.Transport()

// admin signs the administrator in.
func (b *bench) admin() (*client.Client, error) {
	c := b.visitor()
	session, err := client.Decode[client.Session](c.Login(b.AdminEmail, b.AdminPassword), http.StatusOK)
	return c.With(session.AccessToken), err
}

// students registers people, as many at once as there are cores.
func (b *bench) students(count int) ([]*client.Person, error) {
	people := make([]*client.Person, count)
	failures := make([]error, count)
	each(count, workers()*2, func(i int) {
		c, email := b.visitor(), fmt.Sprintf("siswa-%d-%d@shema.test", time.Now().UnixNano(), i)
		session, err := client.Decode[client.Session](c.Register(email, password, nil), http.StatusCreated)
		people[i], failures[i] = &client.Person{
			Client:  c.With(session.AccessToken),
			Email:   email,
			Session: session,
		}, err
	})

	for _, err := range failures {
		if err != nil {
			return nil, err
		}
	}

	return people, nil
}

// each calls f for 0 to count-1, a number of calls at once.
func each(count, atOnce int, f func(i int)) {
	var (
		next atomic.Int64
		all  sync.WaitGroup
	)
	for range atOnce {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}

	all.Wait()
}

// logins compares sign-ins with nothing but the comparison of the password's hash, on all cores.
func (b *bench) logins() error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), hashCost)
	if err != nil {
		return err
	}

	people, err := b.students(4 * workers())
	if err != nil {
		return err
	}

	var (
		turn        atomic.Int64
		raw, signIn pace
	)
	for range loginRounds {
		raw.add(perSecond(loginTime, workers(), func() error { return bcrypt.CompareHashAndPassword(hash, []byte(password)) }))
		signIn.add(perSecond(loginTime, 2*workers(), func() error {
			p := people[int(turn.Add(1))%len(people)]
			_, err := client.Decode[client.Session](p.Login(p.Email, password), http.StatusOK)
			return err
		}))
	}

	if err := errors.Join(raw.err, signIn.err); err != nil {
		return err
	}

	b.report.add("bcrypt, cost 10, all cores", fmt.Sprintf("%.1f/s", raw.rate), "", metric{raw.rate, "op/s"})
	b.report.add("sign-ins", fmt.Sprintf("%.1f/s", signIn.rate), fmt.Sprintf("%.2f of bcrypt alone", signIn.rate/raw.rate)+atLeast(signIn.rate/raw.rate, 0.9),
		metric{signIn.rate, "op/s"}, metric{signIn.rate / raw.rate, "of-bcrypt"})

	return nil
}

type pace struct {
	rate float64
	err  error
}

// add keeps the better of two turns, and any error.
func (p *pace) add(turn pace) {
	p.rate, p.err = max(p.rate, turn.rate), errors.Join(p.err, turn.err)
}

// perSecond calls f over and over for a while, a number of calls at once.
func perSecond(during time.Duration, atOnce int, f func() error) pace {
	started := time.Now()

	var (
		done    atomic.Int64
		failure atomic.Pointer[error]
		all     sync.WaitGroup
	)
	for range atOnce {
		all.Go(func() {
			for time.Since(started) < during && failure.Load() == nil {
				if err := f(); err != nil {
					failure.Store(&err)
					return
				}

				done.Add(1)
			}
		})
	}

	all.Wait()

	if err := failure.Load(); err != nil {
		return pace{err: *err}
	}

	return pace{rate: float64(done.Load()) / time.Since(started).Seconds()}
}
