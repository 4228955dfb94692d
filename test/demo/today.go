package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

// bookToday takes the lesson that begins in two minutes. It is the last step of the booking; by the end of the story
// the lesson has begun.
func (d *demo) bookToday(context.Context) error {
	var slots client.Page[client.Slot]

	var course client.Course
	if err := got(d.visitor.Get("/api/courses/"+d.soonName()), http.StatusOK, &course); err != nil {
		return err
	}

	if err := got(d.visitor.Get("/api/schedules/available?course_id="+course.ID), http.StatusOK, &slots); err != nil {
		return err
	}

	if len(slots.Items) != 2 {
		return fmt.Errorf("%d slots are free today, two should be", len(slots.Items))
	}

	if err := d.take(d.student, d.student.Book(course.ID, slots.Items[0].ID, slots.Items[1].ID), &d.today); err != nil {
		return err
	}

	d.begins = slots.Items[0].StartsAt
	d.console.notef("it begins at %s", d.begins.Format(time.RFC1123))

	return nil
}

func (d *demo) confirmToday(context.Context) error {
	if err := got(d.admin.Confirm(d.today.ID, d.today.FirstChoiceSlotID), http.StatusOK, &d.today); err != nil {
		return err
	}

	// Less than a day before: it stands.
	return refused(d.student.Cancel(d.today.ID), http.StatusConflict, "BOOKING_TOO_LATE")
}

func (d *demo) soonName() string { return d.name + "-today" }

func (d *demo) lessonDay() []step {
	return []step{
		{"Ayu and Sari were reminded of the lesson", d.seeReminders},
		{"It begins, and Sari notes that Ayu is there; Ayu reads what she says", d.attend},
	}
}

// sweeps is how long the timer that reminds may take: it runs each minute.
const sweeps = 90 * time.Second

func (d *demo) seeReminders(ctx context.Context) error {
	for _, c := range []*client.Client{d.student, d.teacher} {
		var n client.Notification

		if _, err := until(ctx, sweeps, func() (err error) {
			n, err = d.notification(c, "lesson_reminder", "")
			return err
		}); err != nil {
			return err
		}

		if n.Data["booking_id"] != d.today.ID {
			return fmt.Errorf("the reminder is of another lesson: %v", n)
		}

		d.console.notef("%s: %q", d.emails[c], n.Title)
	}

	return nil
}

func (d *demo) attend(ctx context.Context) error {
	select {
	case <-time.After(time.Until(d.begins)):
	case <-ctx.Done():
		return ctx.Err()
	}

	const note = "Both hands together now."

	var lesson client.Lesson

	body := map[string]any{"attended": true, "note": note}
	if _, err := until(ctx, told, func() error {
		return got(d.teacher.Put("/api/lessons/"+d.today.ID+"/attendance", body), http.StatusOK, &lesson)
	}); err != nil {
		return err
	}

	var page client.Page[client.Lesson]

	from := d.begins.Add(-time.Minute).UTC().Format(time.RFC3339)
	if err := got(d.student.Get("/api/lessons?from="+from), http.StatusOK, &page); err != nil {
		return err
	}

	for _, l := range page.Items {
		if l.BookingID == d.today.ID && l.Attended != nil && *l.Attended && l.AttendanceNote != nil && *l.AttendanceNote == note {
			d.console.notef("attended, %q", note)
			return nil
		}
	}

	return errors.New("her lesson does not say that she was there")
}
