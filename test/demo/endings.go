package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

func (d *demo) endings() []step {
	return []step{
		{"Budi books and cancels, and both slots are free again", d.cancel},
		{"He books once more, the admin rejects it, and he reads why, also in his mail", d.reject},
		{"The teacher falls ill: the admin revokes Ayu's lesson, and all four slots are free", d.revoke},
	}
}

func (d *demo) cancel(context.Context) error {
	var booking client.Booking
	if err := d.take(d.second, d.second.Book(d.course.ID, d.slots[2].ID, d.slots[3].ID), &booking); err != nil {
		return err
	}

	if err := d.expectFree(0); err != nil {
		return err
	}

	if err := ended(d.second.Cancel(booking.ID), "cancelled", "student"); err != nil {
		return err
	}

	return d.expectFree(0, 2, 3)
}

func (d *demo) reject(ctx context.Context) error {
	var booking client.Booking
	if err := d.take(d.second, d.second.Book(d.course.ID, d.slots[2].ID, d.slots[3].ID), &booking); err != nil {
		return err
	}

	const reason = "Ibu Sari is at a concert that day."
	if err := ended(d.admin.Reject(booking.ID, reason), "rejected", "admin"); err != nil {
		return err
	}

	var mine client.Booking
	if err := got(d.second.Booking(booking.ID), http.StatusOK, &mine); err != nil {
		return err
	}

	if mine.DecisionNote == nil || *mine.DecisionNote != reason {
		return fmt.Errorf("he does not see the reason %q", reason)
	}

	if err := refused(d.admin.Confirm(booking.ID, d.slots[2].ID), http.StatusConflict, "BOOKING_NOT_PENDING"); err != nil {
		return err
	}

	if err := d.expectMail(ctx, d.second, "Pemesanan Anda ditolak: "+d.course.Title, reason); err != nil {
		return err
	}

	return d.expectFree(0, 2, 3)
}

func (d *demo) revoke(context.Context) error {
	if err := ended(d.admin.Revoke(d.booked.ID, "Ibu Sari has the flu."), "cancelled", "admin"); err != nil {
		return err
	}

	return d.expectFree(0, 1, 2, 3)
}

// ended checks what has become of a booking.
func ended(answer client.Answer, status, reason string) error {
	var booking client.Booking
	if err := got(answer, http.StatusOK, &booking); err != nil {
		return err
	}

	if booking.Status != status || booking.StatusReason == nil || *booking.StatusReason != reason {
		return fmt.Errorf("wanted %s by %s, got %s", status, reason, answer)
	}

	return nil
}

func (d *demo) suspension() []step {
	return []step{
		{"The admin suspends Budi, and his running session and his chat end at once", d.suspend},
		{"He cannot sign in again", d.signInSuspended},
		{"Ayu signs out, and her token is worth nothing", d.signOut},
	}
}

// soon is how long a token may work after its session has ended.
const soon = time.Second

// notAllowed is the code with which a chat ends that may not go on.
const notAllowed = 4003

func (d *demo) suspend(ctx context.Context) error {
	phone, err := d.dial(ctx, "Budi", socket.Bearer(d.second.Token))
	if err != nil {
		return err
	}

	session, err := phone.expect(ctx, "session", "")
	if err != nil {
		return err
	}

	d.chats = append(d.chats, session.Data.SessionID)

	var user client.User
	if err := got(d.second.Get("/api/users/me"), http.StatusOK, &user); err != nil {
		return err
	}

	change := map[string]any{"status": "suspended"}
	if err := got(d.admin.SetAccess(user.ID, change), http.StatusOK, &user); err != nil {
		return err
	}

	took, err := until(ctx, soon, func() error {
		return refused(d.second.Get("/api/users/me"), http.StatusUnauthorized, "AUTH_INVALID_TOKEN")
	})
	if err != nil {
		return err
	}

	d.console.notef("his token was refused %s after the answer", milliseconds(took))

	return phone.ends(soon, notAllowed)
}

func (d *demo) signInSuspended(context.Context) error {
	return refused(d.visitor.Login(d.emails[d.second], password), http.StatusForbidden, "AUTH_ACCOUNT_SUSPENDED")
}

func (d *demo) signOut(ctx context.Context) error {
	if err := done(d.student.Logout(d.sessions[d.student].RefreshToken)); err != nil {
		return err
	}

	_, err := until(ctx, soon, func() error {
		return refused(d.student.Get("/api/users/me"), http.StatusUnauthorized, "AUTH_INVALID_TOKEN")
	})

	return err
}
