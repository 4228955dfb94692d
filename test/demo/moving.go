package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/shema-music/shema/test/internal/client"
)

func (d *demo) moving() []step {
	return []step{
		{"Ayu takes her lessons into her calendar", d.subscribe},
		{"She asks for another time, and her lesson stands until the school has decided", d.reschedule},
		{"The admin confirms the new time: the old lesson ends in the same moment", d.confirmMove},
		{"Her calendar has followed", d.seeCalendar},
	}
}

func (d *demo) subscribe(ctx context.Context) error {
	var address struct {
		URL string `json:"url"`
	}
	if err := got(d.student.Post("/api/users/me/calendar", nil), http.StatusCreated, &address); err != nil {
		return err
	}

	d.calendar = address.URL
	events, err := d.readCalendar(ctx)

	if err == nil && !strings.Contains(events[d.booked.ID], "STATUS:CONFIRMED") {
		err = errors.New("the lesson is not in it")
	}

	d.console.notef("%s", d.calendar)

	return err
}

// readCalendar fetches the calendar as a program would, and returns its events by booking.
func (d *demo) readCalendar(ctx context.Context) (map[string]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.calendar, nil)
	if err != nil {
		return nil, err
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}

	defer func() { _ = response.Body.Close() }()

	file, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the calendar answers %d: %w", response.StatusCode, err)
	}

	events := map[string]string{}

	for event := range strings.SplitSeq(string(file), "BEGIN:VEVENT") {
		if _, uid, found := strings.Cut(event, "UID:"); found {
			id, _, _ := strings.Cut(uid, "@")
			events[id] = event
		}
	}

	return events, nil
}

func (d *demo) reschedule(context.Context) error {
	wish := map[string]any{"first_choice_slot_id": d.slots[1].ID, "second_choice_slot_id": d.slots[2].ID, "note": "The hall is closer then."}
	if err := d.take(d.student, d.student.Post("/api/bookings/"+d.booked.ID+"/reschedule", wish), &d.moved); err != nil {
		return err
	}

	var old client.Booking
	if err := got(d.student.Booking(d.booked.ID), http.StatusOK, &old); err != nil {
		return err
	}

	if old.Status != "confirmed" {
		return fmt.Errorf("her lesson is %s already", old.Status)
	}

	return d.expectFree(3)
}

func (d *demo) confirmMove(context.Context) error {
	var confirmed client.Booking
	if err := got(d.admin.Confirm(d.moved.ID, d.slots[1].ID), http.StatusOK, &confirmed); err != nil {
		return err
	}

	if err := ended(d.student.Booking(d.booked.ID), "cancelled", "rescheduled"); err != nil {
		return err
	}

	d.left, d.booked = d.booked, confirmed

	return d.expectFree(0, 2, 3)
}

func (d *demo) seeCalendar(ctx context.Context) error {
	events, err := d.readCalendar(ctx)
	if err != nil {
		return err
	}

	if !strings.Contains(events[d.left.ID], "STATUS:CANCELLED") || !strings.Contains(events[d.booked.ID], "STATUS:CONFIRMED") {
		return errors.New("the calendar does not show that the lesson has moved")
	}

	return nil
}
