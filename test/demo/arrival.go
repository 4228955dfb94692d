package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/shema-music/shema/test/internal/client"
)

const password = "lagu-kesayangan-27"

func (d *demo) arrival() []step {
	return []step{
		{"Ayu registers as a student, in English", func(context.Context) error { return d.register(d.student, "ayu", "Ayu Lestari", "en") }},
		{"A password that many people use is refused", d.weakPassword},
		{"She signs in, and a wrong password gets nowhere", d.signIn},
		{"Her session is renewed, and the new tokens work", d.refresh},
		{"She looks through the catalogue, and asking again costs nothing", d.browse},
		{"Budi registers too, in Indonesian", func(context.Context) error { return d.register(d.second, "budi", "Budi Santoso", "id") }},
	}
}

func (d *demo) register(c *client.Client, name, fullName, language string) error {
	email := fmt.Sprintf("%s.%s@example.com", name, d.name)
	answer := c.Register(email, password, client.Registration{
		"full_name": fullName, "experience_level": "beginner", "learning_goal": "hobby", "budget_range": "low",
		"preferred_instruments": []string{"piano"}, "available_days": []string{"monday", "saturday"},
	}, client.Header("Accept-Language", language))

	var session client.Session
	if err := got(answer, http.StatusCreated, &session); err != nil {
		return err
	}

	if session.User.Role != "student" || session.User.Status != "pending" {
		return fmt.Errorf("a new student is a %s with status %s", session.User.Role, session.User.Status)
	}

	d.emails[c] = email
	d.signedIn(c, session)
	d.console.notef("%s, status %s", email, session.User.Status)

	return nil
}

func (d *demo) weakPassword(context.Context) error {
	return refused(d.visitor.Register("weak."+d.name+"@example.com", "password123", nil), http.StatusBadRequest, "AUTH_WEAK_PASSWORD")
}

func (d *demo) signIn(context.Context) error {
	wrong := d.visitor.Login(d.emails[d.student], password+"!")
	if err := refused(wrong, http.StatusUnauthorized, "AUTH_INVALID_CREDENTIALS"); err != nil {
		return err
	}

	var session client.Session
	if err := got(d.visitor.Login(d.emails[d.student], password), http.StatusOK, &session); err != nil {
		return err
	}

	d.signedIn(d.student, session)

	return nil
}

func (d *demo) refresh(context.Context) error {
	old := d.sessions[d.student]

	var session client.Session
	if err := got(d.visitor.Refresh(old.RefreshToken), http.StatusOK, &session); err != nil {
		return err
	}

	if session.RefreshToken == old.RefreshToken {
		return errors.New("the refresh token was not rotated")
	}

	d.signedIn(d.student, session)

	var me client.User

	return got(d.student.Get("/api/users/me"), http.StatusOK, &me)
}

func (d *demo) browse(context.Context) error {
	first := d.visitor.Get("/api/courses?limit=100")

	var page client.Page[client.Course]
	if err := got(first, http.StatusOK, &page); err != nil {
		return err
	}

	again := d.visitor.Get("/api/courses?limit=100", client.Header("If-None-Match", first.Header.Get("ETag")))
	if again.Status != http.StatusNotModified {
		return fmt.Errorf("wanted 304 for an ETag that has just been given, got %s", again)
	}

	d.console.notef("%d courses are published", len(page.Items))

	return nil
}
