package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

// told is how soon people hear of what has happened.
const told = 5 * time.Second

// seeTold looks at what Ayu hears about her lesson, and marks it as read.
func (d *demo) seeTold(ctx context.Context) error {
	var n client.Notification

	took, err := until(ctx, told, func() (err error) {
		n, err = d.notification(d.student, "booking_confirmed", d.booked.ID)
		return err
	})
	if err != nil {
		return err
	}

	d.console.notef("notification %s later: %q", milliseconds(took), n.Title)

	if n.ReadAt != nil {
		return fmt.Errorf("the notification is read already: %v", n)
	}

	if err := done(d.student.Post("/api/users/me/notifications/"+n.ID+"/read", nil)); err != nil {
		return err
	}

	if n, err = d.notification(d.student, "booking_confirmed", d.booked.ID); err != nil || n.ReadAt == nil {
		return errors.Join(err, errors.New("she has read it, and yet it is unread"))
	}

	return d.expectMail(ctx, d.student, "Your lesson is confirmed: "+d.course.Title, "WIB (Asia/Jakarta)")
}

// notification returns the newest one of a kind that is about something: its data name the id of that. With no id any will do.
func (d *demo) notification(c *client.Client, kind, about string) (client.Notification, error) {
	var page client.Page[client.Notification]
	if err := got(c.Get("/api/users/me/notifications"), http.StatusOK, &page); err != nil {
		return client.Notification{}, err
	}

	for _, n := range page.Items {
		if n.Type == kind && (about == "" || n.Data["booking_id"] == about || n.Data["session_id"] == about) {
			return n, nil
		}
	}

	return client.Notification{}, fmt.Errorf("there is no notification %s", kind)
}

// expectMail waits for a mail with that subject and words. Where mail really goes out there is nothing to look at.
func (d *demo) expectMail(ctx context.Context, c *client.Client, subject, words string) error {
	if d.settings.mail == "" {
		d.console.notef("MAIL_URL is not set, so the mail cannot be looked at")
		return nil
	}

	_, err := until(ctx, told, func() error {
		mails, err := client.Mails(d.settings.mail, d.emails[c])
		if err != nil {
			return err
		}

		for _, m := range mails {
			if m.Subject == subject && strings.Contains(html.UnescapeString(m.Body), words) {
				return nil
			}
		}

		return fmt.Errorf("no mail %q with %q to %s", subject, words, d.emails[c])
	})
	if err == nil {
		d.console.notef("mail to %s: %q, to be read at %s", d.emails[c], subject, d.settings.mail)
	}

	return err
}
