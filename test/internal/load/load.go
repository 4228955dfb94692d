// Package load lets people use a platform under test, books, talks and signs in as they do, repeats each request until it
// is answered, and remembers what was accepted. In the end nothing of it may be lost or doubled.
package load

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

const (
	// ways is how many ways there are for a booking to end; a student tries each, then another comes.
	ways = 4
	// waiting are pairs of slots for bookings whose deadline passes: they come back when the sweep has seen them.
	waiting = 10
	// slotsEach is what one course has: a pair that is booked again and again, and those.
	slotsEach = 2 * (1 + waiting)
)

// book makes bookings and has them decided, one after the other, until over ends. What has been begun is finished, until
// ctx ends.
func (l *Load) book(ctx, over context.Context) {
	admin := l.signInAdmin(ctx)

	course, slots, err := l.Lessons(ctx, slotsEach)
	if err != nil || admin == nil {
		l.memory.complainf("no lessons to book: %v", err)
		return
	}

	var p *person

	for round := 0; over.Err() == nil; round++ {
		if round%ways == 0 {
			if p = l.replace(ctx, p); p == nil {
				return
			}
		}

		pair := slots[:2]
		if round%ways == ways-1 {
			from := 2 * (1 + round/ways%waiting)
			pair = slots[from : from+2]
		}

		id, ok := p.makeBooking(ctx, course, pair[0], pair[1])
		if !ok {
			return
		}

		l.memory.booking(id, "pending")

		if !l.decide(ctx, p, admin, id, pair[0].ID, round%ways) {
			return
		}

		l.rest(over)
	}
}

// makeBooking asks with one key until it is answered; a refusal is an answer, so it takes a new key to ask again.
func (p *person) makeBooking(ctx context.Context, course string, first, second client.Slot) (id string, ok bool) {
	for range ticks(ctx) {
		key := client.Header("Idempotency-Key", uuid.NewString())

		a, _, ok := p.insist(ctx, func() client.Answer { return p.Book(course, first.ID, second.ID, key) })
		if !ok {
			return "", false
		}

		// The slots of the booking before may still be on their way back.
		if a.Status == http.StatusConflict {
			continue
		}

		b, err := client.Decode[client.Booking](a, http.StatusCreated)
		if err != nil {
			p.load.memory.complainf("a booking was refused: %s", a)
			continue
		}

		return b.ID, true
	}

	return "", false
}

// decide ends a booking in one of the ways there are.
func (l *Load) decide(ctx context.Context, p, admin *person, id, slot string, way int) bool {
	switch way {
	case 0:
		return l.settle(ctx, admin, id, "confirmed", func() client.Answer { return admin.Confirm(id, slot) }) &&
			l.settle(ctx, admin, id, "cancelled", func() client.Answer { return admin.Revoke(id, "load") })
	case 1:
		return l.settle(ctx, admin, id, "rejected", func() client.Answer { return admin.Reject(id, "load") })
	case 2: //nolint:mnd // the third of four ways
		return l.settle(ctx, p, id, "cancelled", func() client.Answer { return p.Cancel(id) })
	default:
		return l.overdue(ctx, p, id)
	}
}

// settle makes one decision, and remembers it. One whose answer was lost is refused the second time.
func (l *Load) settle(ctx context.Context, by *person, id, status string, decision func() client.Answer) bool {
	a, lost, ok := by.insist(ctx, decision)

	switch {
	case !ok:
		return false
	case a.OK(), lost && (a.Code() == "BOOKING_NOT_PENDING" || a.Code() == "BOOKING_NOT_CONFIRMED"):
		l.memory.booking(id, status)
	default:
		l.memory.complainf("booking %s could not become %s: %s", id, status, a)
	}

	return true
}

// overdue lets a booking's deadline pass, and looks that the student's cancellation comes too late.
func (l *Load) overdue(ctx context.Context, p *person, id string) bool {
	for range ticks(ctx) {
		_, err := l.env.DB.Exec(ctx, `UPDATE booking.bookings
			SET created_at = now() - interval '72 hours 1 second', expires_at = now() - interval '1 second' WHERE id = $1`, id)
		if err != nil {
			continue
		}

		a, _, ok := p.insist(ctx, func() client.Answer { return p.Cancel(id) })
		if ok && a.Code() != "BOOKING_EXPIRED" {
			l.memory.complainf("a decision after the deadline was answered with %s", a)
		}

		l.memory.booking(id, "rejected")

		return ok
	}

	return false
}

// talk says one thing after the other, each again and again until it is acknowledged.
func (l *Load) talk(ctx, over context.Context) {
	p := l.register(ctx)

	var line *socket.Listener

	for n := 0; p != nil && over.Err() == nil; n++ {
		id, text := uuid.NewString(), fmt.Sprintf("message %d", n)

		for range ticks(ctx) {
			if line == nil {
				line = p.connect(ctx)
			}

			if line == nil {
				continue
			}

			if l.say(ctx, line, id, text) {
				Rest(over, pause) // people type
				l.rest(over)

				break
			}

			_ = line.Leave()
			line = nil
		}

		if l.cast.Messages > 0 && n%l.cast.Messages == l.cast.Messages-1 && line != nil {
			_ = line.Leave()
			line = nil
		}
	}

	if line != nil {
		_ = line.Leave()
	}
}

// connect opens a socket; nil means that it didn't work this time.
func (p *person) connect(ctx context.Context) *socket.Listener {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()

	conn, err := socket.Dial(ctx, p.Base, socket.Bearer(p.Token))
	if err != nil {
		p.load.memory.noAnswer()

		if refused, ok := err.(*socket.RefusedError); ok && refused.Answer.Status == http.StatusUnauthorized { //nolint:errorlint // Dial returns it bare
			p.signIn(ctx)
		}

		return nil
	}

	return socket.Listen(conn)
}

// say sends a message and waits for its acknowledgement.
func (l *Load) say(ctx context.Context, line *socket.Listener, id, text string) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()

	if line.Send(socket.Say("", id, text)) != nil {
		l.memory.noAnswer()
		return false
	}

	for {
		frame, err := line.Next(ctx)
		if err != nil {
			l.memory.noAnswer()
			return false
		}

		if frame.Type == "ack" && frame.Data.ClientMsgID == id {
			l.memory.message(id, said{session: frame.Data.SessionID, seq: frame.Data.Seq, text: text})
			return true
		}
	}
}

// rotate exchanges refresh tokens, each again until the answer comes: the person may not be taken for a thief for that.
func (l *Load) rotate(ctx, over context.Context) {
	p := l.register(ctx)

	for round := 0; p != nil && over.Err() == nil; round++ {
		if round%20 == 19 {
			p = l.replace(ctx, p)
			continue
		}

		for range ticks(ctx) {
			if p.exchange(ctx) {
				break
			}
		}

		l.rest(over)
	}
}

// exchange asks once for new tokens, and tells whether there is a session that goes on.
func (p *person) exchange(ctx context.Context) bool {
	a := p.With("").Refresh(p.Session.RefreshToken)

	session, err := client.Decode[client.Session](a, http.StatusOK)
	if err == nil {
		p.Session, p.Client = session, p.With(session.AccessToken)
		return true
	}

	if unanswered(a) {
		p.load.memory.noAnswer()
		return false
	}

	if a.Status != http.StatusUnauthorized {
		return false
	}

	if p.load.forgetful.Load() {
		p.load.memory.sessionLost()
	} else {
		p.load.memory.complainf("a refresh token that was used as it should be was refused: %s", a)
	}

	return p.signIn(ctx)
}
