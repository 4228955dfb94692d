package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

// demo is the stage: who acts, and what they have made so far.
type demo struct {
	settings settings
	console  *console

	// name is unique for each demo; the course and the people are called after it.
	name string
	// visitor has no session; student is Ayu, second is Budi, teacher is Sari.
	visitor, student, second, teacher, admin *client.Client
	emails                                   map[*client.Client]string
	sessions                                 map[*client.Client]client.Session

	course client.Course
	// slots are those of the demo's schedule, by time.
	slots []client.Slot
	// booked is the booking that the story is about; moved is the wish for another time, and left what it was before.
	// Today is the lesson that begins during the story. Made are all bookings, for tidying up.
	booked, moved, left, today client.Booking
	made                       []made
	begins                     time.Time
	// calendar is the address of Ayu's.
	calendar string
	// phone and desk are the chat of the student and of the admin, chatSession is what they talk in. Lines are all
	// sockets and chats all sessions, for tidying up.
	phone, desk *line
	chatSession string
	// nightSession is what Budi asks at night.
	nightSession string
	lines        []*line
	chats        []string
	// applied says that there is a course to delete.
	applied bool
}

func newDemo(s settings, c *console) (*demo, error) {
	name := "demo-" + strings.ToLower(rand.Text()[:8])
	transport := client.Transport()
	stranger := func() *client.Client { return client.New(s.gateway, "", transport) }

	d := &demo{
		settings: s,
		console:  c,
		name:     name,
		visitor:  stranger(),
		student:  stranger(),
		second:   stranger(),
		teacher:  stranger(),
		admin:    stranger(),
		emails:   map[*client.Client]string{},
		sessions: map[*client.Client]client.Session{},
	}
	if answer := d.visitor.Get("/healthz"); !answer.OK() {
		return nil, fmt.Errorf("the gateway does not answer; run make up first (%s)", answer)
	}

	return d, nil
}

// got decodes an answer that must have a status.
func got[T any](a client.Answer, status int, into *T) error {
	value, err := client.Decode[T](a, status)
	if err == nil {
		*into = value
	}

	return err
}

// done checks an answer that has no body.
func done(a client.Answer) error {
	if a.Err != nil || a.Status != http.StatusNoContent {
		return fmt.Errorf("wanted 204, got %s", a)
	}

	return nil
}

// refused checks that something was refused for the right reason.
func refused(a client.Answer, status int, code string) error {
	if a.Err != nil || a.Status != status || a.Code() != code {
		return fmt.Errorf("wanted %d %s, got %s", status, code, a)
	}

	return nil
}

// until repeats a check until it is fine, and returns how long that took. The last failure comes back when patience ends.
func until(ctx context.Context, patience time.Duration, check func() error) (time.Duration, error) {
	const pause = 10 * time.Millisecond

	started := time.Now()
	for {
		err := check()

		took := time.Since(started)
		if err == nil {
			return took, nil
		}

		if took > patience {
			return took, fmt.Errorf("not after %s: %w", milliseconds(took), err)
		}

		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return took, ctx.Err()
		}
	}
}

func (d *demo) signedIn(c *client.Client, s client.Session) {
	c.Token = s.AccessToken
	d.sessions[c] = s
}
