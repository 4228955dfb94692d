package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

func (d *demo) night() []step {
	return []step{
		{"Budi asks something at night and goes to bed; his question is on the list of unanswered ones", d.askAtNight},
		{"His session closes, the question stays, and the admins are told", d.closeUnanswered},
		{"The admin answers: the session is open again, and Budi finds the answer and has a mail", d.answerInTheMorning},
	}
}

func (d *demo) askAtNight(ctx context.Context) error {
	phone, err := d.dial(ctx, "Budi", socket.Bearer(d.second.Token))
	if err != nil {
		return err
	}

	f, err := phone.expect(ctx, "session", "")
	if err != nil {
		return err
	}

	d.nightSession = f.Data.SessionID
	d.chats = append(d.chats, d.nightSession)

	if err := phone.send(socket.Say(d.nightSession, uuid.NewString(), "Apakah ada kelas untuk kakek saya?")); err != nil {
		return err
	}

	if _, err := phone.expect(ctx, "ack", d.nightSession); err != nil {
		return err
	}

	phone.Break()

	return d.expectUnanswered(true)
}

// expectUnanswered looks for Budi's session among those that wait.
func (d *demo) expectUnanswered(want bool) error {
	var page client.Page[client.ChatSession]
	if err := got(d.admin.Get("/api/chat/sessions?unanswered=true&limit=100"), http.StatusOK, &page); err != nil {
		return err
	}

	waits := slices.ContainsFunc(page.Items, func(s client.ChatSession) bool { return s.ID == d.nightSession })
	if waits != want {
		return fmt.Errorf("his question is on the list of unanswered ones: %t", waits)
	}

	return nil
}

func (d *demo) closeUnanswered(ctx context.Context) error {
	if err := done(d.admin.Post("/api/chat/sessions/"+d.nightSession+"/close", nil)); err != nil {
		return err
	}

	if err := d.expectUnanswered(true); err != nil {
		return err
	}

	var n client.Notification

	_, err := until(ctx, told, func() (err error) {
		n, err = d.notification(d.admin, "chat_unanswered", d.nightSession)
		return err
	})

	d.console.notef("the admin reads: %q", n.Title)

	return err
}

// replyMail is how long a mail about an answer that reaches no socket may take: it waits whether the person comes back.
const replyMail = 30 * time.Second

func (d *demo) answerInTheMorning(ctx context.Context) error {
	if err := d.desk.send(socket.Say(d.nightSession, uuid.NewString(), "Tentu, setiap Sabtu pagi.")); err != nil {
		return err
	}

	if _, err := d.desk.await(ctx, "ack", d.nightSession); err != nil {
		return err
	}

	if err := d.expectUnanswered(false); err != nil {
		return err
	}

	if d.settings.mail != "" {
		if _, err := until(ctx, replyMail, d.mailOfReply); err != nil {
			return err
		}
	}

	phone, err := d.dial(ctx, "Budi", socket.Bearer(d.second.Token))
	if err != nil {
		return err
	}

	f, err := phone.expect(ctx, "session", "")
	if err != nil {
		return err
	}

	if f.Data.SessionID != d.nightSession {
		return errors.New("he is led into another conversation")
	}

	if err := phone.send(socket.Resume(d.nightSession, 1)); err != nil {
		return err
	}

	return phone.hear(ctx, d.nightSession, "Tentu, setiap Sabtu pagi.", 2) //nolint:mnd // the second message
}

// mailOfReply looks for a mail to Budi that leads to the chat.
func (d *demo) mailOfReply() error {
	mails, err := client.Mails(d.settings.mail, d.emails[d.second])
	if err != nil {
		return err
	}

	for _, m := range mails {
		if m.Subject == "Sekolah telah menjawab Anda" {
			d.console.notef("mail to %s: %q", d.emails[d.second], m.Subject)
			return nil
		}
	}

	return errors.New("no mail tells of the answer")
}
