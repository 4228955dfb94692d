package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

// tidy ends what an interrupted story has left open, and deletes the course. Held slots keep a course alive, so the
// bookings come first. The people stay: the platform deletes no person by itself.
func (d *demo) tidy(ctx context.Context) error {
	problems := append(d.endBookings(), d.endChats())
	if !d.applied {
		return errors.Join(problems...)
	}

	said, err := d.kubectl(ctx, "", "delete", "--ignore-not-found", "--timeout=30s", "schedule/"+d.name, "course/"+d.name,
		"schedule/"+d.soonName(), "course/"+d.soonName())
	if err != nil {
		problems = append(problems, fmt.Errorf("kubectl delete: %w: %s", err, said))
	}

	const patience = 5 * time.Second
	if _, err := until(ctx, patience, func() error {
		return refused(d.visitor.Get("/api/courses/"+d.name), http.StatusNotFound, "COURSE_NOT_FOUND")
	}); err != nil {
		problems = append(problems, err)
	}

	return errors.Join(problems...)
}

// made is a booking and who asked for it.
type made struct {
	id    string
	owner *client.Client
}

// endChats hangs up, and closes the sessions if there is an admin to do it; otherwise they close when they are idle.
func (d *demo) endChats() error {
	for _, l := range d.lines {
		l.Break()
	}

	if d.admin.Token == "" {
		return nil
	}

	var problems []error
	for _, session := range d.chats {
		problems = append(problems, done(d.admin.Post("/api/chat/sessions/"+session+"/close", nil)))
	}

	return errors.Join(problems...)
}

func (d *demo) endBookings() (problems []error) {
	for _, m := range d.made {
		if err := d.endBooking(m); err != nil {
			problems = append(problems, err)
		}
	}

	return problems
}

// endBooking lets the admin end a booking, or its owner in a story that never got as far as an admin.
func (d *demo) endBooking(m made) error {
	who := d.admin
	if who.Token == "" {
		who = m.owner
	}

	var booking client.Booking
	if err := got(who.Booking(m.id), http.StatusOK, &booking); err != nil {
		return err
	}

	const reason = "The demo is over."
	switch {
	case booking.Status == "confirmed":
		return got(who.Revoke(m.id, reason), http.StatusOK, &booking)
	case booking.Status == "pending" && who == d.admin:
		return got(who.Reject(m.id, reason), http.StatusOK, &booking)
	case booking.Status == "pending":
		return got(who.Cancel(m.id), http.StatusOK, &booking)
	}

	return nil
}
