package main

import (
	"context"
	"net/http"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

// newPassword is what Ayu chooses when she has forgotten the first one.
const newPassword = "angklung-dan-suling-8"

func (d *demo) wayBack() []step {
	return []step{
		{"Ayu has forgotten her password: known and unknown addresses get the same answer", d.forget},
		{"With the link of the mail she sets a new one; all her sessions end, and the link is used up", d.reset},
	}
}

func (d *demo) forget(context.Context) error {
	for _, email := range []string{d.emails[d.student], "unknown." + d.name + "@example.com"} {
		answer := d.visitor.Post("/api/auth/password/forgot", map[string]any{"email": email})

		var nothing struct{}
		if err := got(answer, http.StatusAccepted, &nothing); err != nil {
			return err
		}
	}

	return nil
}

func (d *demo) reset(ctx context.Context) error {
	token, err := d.linkOf(ctx, d.student, "reset")
	if err != nil || token == "" {
		return err
	}

	body := map[string]any{"token": token, "new_password": newPassword}
	if err := done(d.visitor.Post("/api/auth/password/reset", body)); err != nil {
		return err
	}

	if err := refused(d.visitor.Post("/api/auth/password/reset", body), http.StatusBadRequest, "AUTH_INVALID_MAIL_TOKEN"); err != nil {
		return err
	}

	took, err := until(ctx, soon, func() error {
		return refused(d.student.Get("/api/users/me"), http.StatusUnauthorized, "AUTH_INVALID_TOKEN")
	})
	if err != nil {
		return err
	}

	d.console.notef("her old session was refused %s after the answer", took.Round(time.Millisecond))

	var session client.Session
	if err := got(d.visitor.Login(d.emails[d.student], newPassword), http.StatusOK, &session); err != nil {
		return err
	}

	d.signedIn(d.student, session)

	return nil
}
