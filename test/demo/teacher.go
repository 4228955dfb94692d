package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

func (d *demo) teachers() []step {
	return []step{
		{"An admin signs in", d.signInAsAdmin},
		{"The admin invites Sari, who sets a password with the link of her mail, and is a teacher", d.invite},
	}
}

func (d *demo) invite(ctx context.Context) error {
	email := "sari." + d.name + "@example.com"
	d.emails[d.teacher] = email

	var invited client.User

	answer := d.admin.Post("/api/users", map[string]any{"email": email, "full_name": "Sari Wulandari", "role": "teacher", "language": "en"})
	if err := got(answer, http.StatusCreated, &invited); err != nil {
		return err
	}

	token, err := d.linkOf(ctx, d.teacher, "reset")
	if err != nil {
		return err
	}

	if token == "" { // mail really goes out; so Sari comes by another way
		return d.teacherWithoutMail(invited)
	}

	set := map[string]any{"token": token, "new_password": password}
	if err := done(d.visitor.Post("/api/auth/password/reset", set)); err != nil {
		return err
	}

	if err := refused(d.visitor.Post("/api/auth/password/reset", set), http.StatusBadRequest, "AUTH_INVALID_MAIL_TOKEN"); err != nil {
		return err
	}

	return d.signInTeacher()
}

// teacherWithoutMail makes a teacher of a person who registers.
func (d *demo) teacherWithoutMail(invited client.User) error {
	if err := done(d.admin.Do(http.MethodDelete, "/api/users/"+invited.ID, map[string]any{"reason": "The demo cannot read her mail."})); err != nil {
		return err
	}

	if err := d.register(d.teacher, "sari", "Sari Wulandari", "en"); err != nil {
		return err
	}

	var user client.User

	change := map[string]any{"role": "teacher", "status": "active"}
	if err := got(d.admin.SetAccess(d.sessions[d.teacher].User.ID, change), http.StatusOK, &user); err != nil {
		return err
	}

	return d.signInTeacher()
}

func (d *demo) signInTeacher() error {
	var session client.Session
	if err := got(d.visitor.Login(d.emails[d.teacher], password), http.StatusOK, &session); err != nil {
		return err
	}

	if session.User.Role != "teacher" {
		return fmt.Errorf("she is a %s", session.User.Role)
	}

	d.signedIn(d.teacher, session)

	return nil
}

// unfold undoes the folding of mail bodies as far as links need it.
var unfold = strings.NewReplacer("=\r\n", "", "=\n", "", "=3D", "=")

// linkOf waits for the newest mail with a link to that page, and returns its token; "" where mail really goes out.
func (d *demo) linkOf(ctx context.Context, c *client.Client, page string) (token string, err error) {
	if d.settings.mail == "" {
		d.console.notef("MAIL_URL is not set, so the mail cannot be looked at")
		return "", nil
	}

	link := regexp.MustCompile(`/` + page + `\?token=([A-Za-z0-9_-]+)`)

	_, err = until(ctx, told, func() error {
		mails, err := client.Mails(d.settings.mail, d.emails[c])
		if err != nil {
			return err
		}

		for _, m := range mails {
			if found := link.FindStringSubmatch(unfold.Replace(m.Body)); found != nil {
				token = found[1]

				d.console.notef("mail to %s: %q", d.emails[c], m.Subject)

				return nil
			}
		}

		return fmt.Errorf("no mail with a link to /%s to %s", page, d.emails[c])
	})

	return token, err
}

func (d *demo) week() []step {
	return []step{
		{"Sari is told of the lesson, and sees it in her week with its student and note", d.seeWeek},
		{"Before it has begun she cannot say that Ayu was there, and Ayu never can", d.attendTooEarly},
	}
}

// seeWeek looks at the lessons of the next three weeks. That she gives them was found out after the confirmation at the
// latest, so there is a moment to wait.
func (d *demo) seeWeek(ctx context.Context) error {
	if _, err := until(ctx, told, func() error {
		_, err := d.notification(d.teacher, "lesson_confirmed", "")
		return err
	}); err != nil {
		return err
	}

	const weeks = 21

	var page client.Page[client.Lesson]
	if err := got(d.teacher.Get("/api/lessons?to="+time.Now().AddDate(0, 0, weeks).UTC().Format(time.RFC3339)), http.StatusOK, &page); err != nil {
		return err
	}

	for _, l := range page.Items {
		note := ""
		if l.Note != nil {
			note = *l.Note
		}

		d.console.notef("%s  %s with %s  %q", l.Slot.StartsAt.Format(time.DateTime), l.Course.Title, l.Student.FullName, note)
	}

	if len(page.Items) != 2 || page.Items[0].BookingID != d.today.ID || page.Items[1].BookingID != d.booked.ID {
		return fmt.Errorf("she gives %d lessons, it should be the one of today and the one in two weeks", len(page.Items))
	}

	return nil
}

func (d *demo) attendTooEarly(context.Context) error {
	path, body := "/api/lessons/"+d.booked.ID+"/attendance", map[string]any{"attended": true}
	if err := refused(d.teacher.Put(path, body), http.StatusConflict, "BOOKING_LESSON_NOT_BEGUN"); err != nil {
		return err
	}

	return refused(d.student.Put(path, body), http.StatusForbidden, "AUTH_FORBIDDEN")
}
