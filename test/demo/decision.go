package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

func (d *demo) decision() []step {
	return []step{
		{"The dashboard comes first: it is complete, and the booking is on it", d.seeDashboard},
		{"The booking waits, with all that is needed to decide", d.seePending},
		{"A student cannot decide", d.decideAsStudent},
		{"The admin confirms the first slot, and the other is free again", d.confirm},
		{"Today's is confirmed too; it is too near to be cancelled", d.confirmToday},
		{"Ayu sees it, and is an active student now", d.seeConfirmed},
		{"She is told, in her list of notifications and by mail", d.seeTold},
	}
}

func (d *demo) signInAsAdmin(context.Context) error {
	var session client.Session
	if err := got(d.visitor.Login(d.settings.adminEmail, d.settings.adminPassword), http.StatusOK, &session); err != nil {
		return err
	}

	d.signedIn(d.admin, session)

	return nil
}

func (d *demo) seePending(context.Context) error {
	booking, err := d.findPending()
	if err != nil {
		return err
	}

	if booking.User == nil || booking.Course == nil || booking.FirstChoice == nil || booking.SecondChoice == nil {
		return errors.New("the user, the course or a slot is missing")
	}

	d.console.notef("%s wants %q on %s or %s", booking.User.FullName, booking.Course.Title,
		booking.FirstChoice.StartsAt.Format(time.DateTime), booking.SecondChoice.StartsAt.Format(time.DateTime))

	return nil
}

// findPending looks among all pending bookings for the story's.
func (d *demo) findPending() (client.PendingBooking, error) {
	all, err := client.Walk[client.PendingBooking](d.admin, "/api/bookings/pending?limit=100")
	if err != nil {
		return client.PendingBooking{}, err
	}

	for _, booking := range all {
		if booking.ID == d.booked.ID {
			return booking, nil
		}
	}

	return client.PendingBooking{}, errors.New("it is not among the pending bookings")
}

func (d *demo) decideAsStudent(context.Context) error {
	return refused(d.student.Confirm(d.booked.ID, d.slots[0].ID), http.StatusForbidden, "AUTH_FORBIDDEN")
}

func (d *demo) confirm(context.Context) error {
	if err := got(d.admin.Confirm(d.booked.ID, d.slots[0].ID), http.StatusOK, &d.booked); err != nil {
		return err
	}

	if d.booked.Status != "confirmed" || d.booked.ConfirmedSlotID == nil || *d.booked.ConfirmedSlotID != d.slots[0].ID {
		return fmt.Errorf("the booking is %s", d.booked.Status)
	}

	if err := d.expectFree(1, 2, 3); err != nil {
		return err
	}

	return d.expectBooked()
}

// expectBooked looks at all slots as an admin can.
func (d *demo) expectBooked() error {
	var page client.Page[client.Slot]

	answer := d.admin.Get("/api/schedules?status=booked&course_id=" + d.course.ID)
	if err := got(answer, http.StatusOK, &page); err != nil {
		return err
	}

	if len(page.Items) != 1 || page.Items[0].ID != d.slots[0].ID {
		return fmt.Errorf("%d slots are booked, exactly the confirmed one should be", len(page.Items))
	}

	return nil
}

func (d *demo) seeConfirmed(ctx context.Context) error {
	var mine client.Booking
	if err := got(d.student.Booking(d.booked.ID), http.StatusOK, &mine); err != nil {
		return err
	}

	if mine.Status != "confirmed" {
		return fmt.Errorf("she sees it as %s", mine.Status)
	}

	const patience = 5 * time.Second

	took, err := until(ctx, patience, func() error {
		var me client.User
		if err := got(d.student.Get("/api/users/me"), http.StatusOK, &me); err != nil {
			return err
		}

		if me.Status != "active" {
			return fmt.Errorf("her status is %s", me.Status)
		}

		return nil
	})
	d.console.notef("active %s later, by the event booking.confirmed", milliseconds(took))

	return err
}
