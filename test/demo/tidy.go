package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

// tidy ends what an interrupted story has left open, and deletes the course. Held slots keep a course alive, so the
// bookings come first. The people stay: the platform deletes nobody.
func (d *demo) tidy(ctx context.Context) error {
	problems := d.endBookings()
	if !d.applied {
		return errors.Join(problems...)
	}
	said, err := d.kubectl(ctx, "", "delete", "--ignore-not-found", "--timeout=30s", "schedule/"+d.name, "course/"+d.name)
	if err != nil {
		problems = append(problems, fmt.Errorf("kubectl delete: %w: %s", err, said))
	}
	const patience = 5 * time.Second
	if _, err := until(ctx, patience, func() error {
		return refused(d.nobody.Get("/api/courses/"+d.name), http.StatusNotFound, "COURSE_NOT_FOUND")
	}); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

func (d *demo) endBookings() (problems []error) {
	if len(d.made) > 0 && d.admin.Token == "" {
		if err := d.signInAsAdmin(context.Background()); err != nil {
			return []error{err}
		}
	}
	for _, id := range d.made {
		var booking client.Booking
		if err := got(d.admin.Booking(id), http.StatusOK, &booking); err != nil {
			problems = append(problems, err)
			continue
		}
		var answer client.Answer
		switch strings.ToLower(booking.Status) {
		case "pending":
			answer = d.admin.Reject(id, "The demo is over.")
		case "confirmed":
			answer = d.admin.Revoke(id, "The demo is over.")
		default:
			continue
		}
		if err := got(answer, http.StatusOK, &booking); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}
