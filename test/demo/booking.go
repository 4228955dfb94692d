package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

func (d *demo) booking() []step {
	return []step{
		{"Ayu asks for two of the slots, and visitors don't see them as free any more", d.book},
		{"She also asks for a lesson today", d.bookToday},
		{"The same request again, with its key, gives the same booking", d.bookAgain},
		{"Budi comes too late for one of them", d.bookTooLate},
		{"A visitor who is not signed in can't book", d.bookAsVisitor},
	}
}

// key is the idempotency key of the story's booking.
func (d *demo) key() client.Option { return client.Header("Idempotency-Key", d.name) }

func (d *demo) book(context.Context) error {
	answer := d.student.Book(d.course.ID, d.slots[0].ID, d.slots[1].ID, d.key())
	if err := d.take(d.student, answer, &d.booked); err != nil {
		return err
	}

	if d.booked.Status != "pending" {
		return fmt.Errorf("the booking is %s", d.booked.Status)
	}

	if wait := d.booked.ExpiresAt.Sub(d.booked.CreatedAt); wait != 72*time.Hour { //nolint:mnd // the contract's number
		return fmt.Errorf("the school has %s to decide", wait)
	}

	d.console.notef("the school has until %s to decide", d.booked.ExpiresAt.Format(time.RFC1123))

	return d.expectFree(2, 3)
}

// take reads a new booking and remembers it for tidying up.
func (d *demo) take(owner *client.Client, answer client.Answer, into *client.Booking) error {
	err := got(answer, http.StatusCreated, into)
	if err == nil {
		d.made = append(d.made, made{id: into.ID, owner: owner})
	}

	return err
}

func (d *demo) bookAgain(context.Context) error {
	var again client.Booking

	answer := d.student.Book(d.course.ID, d.slots[0].ID, d.slots[1].ID, d.key())
	if err := got(answer, http.StatusCreated, &again); err != nil {
		return err
	}

	if again.ID != d.booked.ID {
		return fmt.Errorf("there are two bookings now, %s and %s", d.booked.ID, again.ID)
	}

	other := d.student.Book(d.course.ID, d.slots[2].ID, d.slots[3].ID, d.key())

	return refused(other, http.StatusUnprocessableEntity, "VALIDATION_IDEMPOTENCY_MISMATCH")
}

func (d *demo) bookTooLate(context.Context) error {
	answer := d.second.Book(d.course.ID, d.slots[1].ID, d.slots[2].ID)
	return refused(answer, http.StatusConflict, "BOOKING_INVALID_SLOTS")
}

func (d *demo) bookAsVisitor(context.Context) error {
	answer := d.visitor.Book(d.course.ID, d.slots[2].ID, d.slots[3].ID)
	return refused(answer, http.StatusUnauthorized, "AUTH_MISSING_TOKEN")
}

// expectFree checks that exactly the slots of these numbers are available. The answer of a booking or a decision comes
// after its slots have changed, so there is nothing to wait for.
func (d *demo) expectFree(numbers ...int) error {
	slots, err := d.free()
	if err != nil {
		return err
	}

	if len(slots) != len(numbers) {
		return fmt.Errorf("%d slots are free, %d should be", len(slots), len(numbers))
	}

	for i, number := range numbers {
		if slots[i].ID != d.slots[number].ID {
			return fmt.Errorf("the slot of %s is free, the one of %s should be", slots[i].StartsAt, d.slots[number].StartsAt)
		}
	}

	return nil
}
