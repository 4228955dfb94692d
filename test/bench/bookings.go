package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/invariants"
)

const (
	bookingRate  = 20
	bookingCount = 240
	bookingGoal  = 150 * time.Millisecond
	rivals       = 10 // students for each pair of slots
)

// bookings measures creating a booking from end to end: at a steady rate, and as fast as they come. Each has slots of
// its own.
func (b *bench) bookings() (err error) {
	if b.people, err = b.students(bookingCount / 2); err != nil {
		return err
	}

	book, err := b.booker()
	if err != nil {
		return err
	}

	s := steadyOf(bookingRate, bookingCount, func(i int) target {
		l, n := book(i)
		return b.bookingBy(b.people[n], l, 2*n, 2*n+1)
	})
	if err := s.all(http.StatusCreated); err != nil {
		return err
	}

	b.report.add("booking create, end to end", fmt.Sprintf("p50 %s, p99 %s at %d/s", show(s.p50), show(s.p99), bookingRate),
		"max "+show(s.max)+atMost(s.p99, bookingGoal), s.metrics()...)

	if err := b.fastBookings(); err != nil {
		return err
	}

	return b.noDoubles()
}

// booker returns who books which lessons in the i-th request: every student once in each of two new courses.
func (b *bench) booker() (func(i int) (lessons, int), error) {
	var courses [2]lessons
	for i := range courses {
		var err error
		if courses[i], err = b.course(bookingCount); err != nil {
			return nil, err
		}
	}

	return func(i int) (lessons, int) { return courses[i%2], i / 2 }, nil
}

// fastBookings creates bookings in a closed loop, several at once.
func (b *bench) fastBookings() error {
	const atOnce = 16

	book, err := b.booker()
	if err != nil {
		return err
	}

	answers := make([]client.Answer, bookingCount)
	started := time.Now()

	each(bookingCount, atOnce, func(i int) {
		l, n := book(i)
		answers[i] = b.people[n].Book(l.course, l.slots[2*n], l.slots[2*n+1])
	})
	rate := bookingCount / time.Since(started).Seconds()

	var took []time.Duration
	for _, a := range answers {
		if a.Status != http.StatusCreated {
			return fmt.Errorf("an unexpected answer: %s", a)
		}

		took = append(took, a.Took)
	}

	p50, p99 := percentile(took, 0.50), percentile(took, 0.99)
	b.report.add("booking create, as fast as they come", fmt.Sprintf("%.0f/s, p50 %s, p99 %s", rate, show(p50), show(p99)),
		fmt.Sprintf("%d at once", atOnce), metric{rate, "req/s"}, metric{milliseconds(p50), "p50-ms"}, metric{milliseconds(p99), "p99-ms"})

	return nil
}

func (b *bench) bookingBy(p *client.Person, l lessons, first, second int) target {
	body, _ := json.Marshal(client.BookingRequest(l.course, l.slots[first], l.slots[second])) //nolint:errchkjson // strings only
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("Authorization", "Bearer "+p.Session.AccessToken)
	header.Set("X-Forwarded-For", p.Address)

	return target{
		Method: http.MethodPost,
		URL:    b.Gateway + "/api/bookings/create",
		Body:   body,
		Header: header,
	}
}

// contention lets many students ask for the same few pairs of slots as fast as they can.
func (b *bench) contention() error {
	const pairs = bookingCount / 2 / rivals

	people := b.people

	l, err := b.course(2 * pairs)
	if err != nil {
		return err
	}

	answers := make([]client.Answer, len(people))
	started := time.Now()

	each(len(people), len(people), func(i int) {
		pair := i % pairs
		answers[i] = people[i].Book(l.course, l.slots[2*pair], l.slots[2*pair+1])
	})

	took := time.Since(started)

	won := 0
	for _, a := range answers {
		switch {
		case a.Status == http.StatusCreated:
			won++
		case a.Code() != "BOOKING_INVALID_SLOTS":
			return fmt.Errorf("an unexpected answer: %s", a)
		}
	}

	if won != pairs {
		return fmt.Errorf("%d of %d pairs were given away", won, pairs)
	}

	rate := float64(len(people)) / took.Seconds()
	b.report.add(fmt.Sprintf("%d students for each of %d pairs at once", rivals, pairs),
		fmt.Sprintf("%.0f answers/s, %d won", rate, won), "exactly one for each pair", metric{rate, "req/s"})

	return b.noDoubles()
}

// noDoubles fails unless all promises about slots and bookings hold.
func (b *bench) noDoubles() error {
	found, err := invariants.Broken(b.ctx, b.DB)
	if err != nil {
		return err
	}

	if len(found) > 0 {
		return errors.New("broken promises: " + strings.Join(found, "; "))
	}

	b.report.add("double bookings", "0", "all promises of the tables hold")

	return nil
}
