package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

func (d *demo) chat() []step {
	return []step{
		{"Ayu opens the chat with a ticket, as a browser does, and the ticket is used up", d.openChat},
		{"The admin connects, and is told of her session", d.openDesk},
		{"She writes, and the admin reads it as it is sent", d.ask},
		{"The admin types and answers, and she sees both", d.answer},
		{"Her phone loses the network; back again she hears what she has missed, once", d.comeBack},
		{"The admin has read everything, and the list says so", d.readAll},
		{"The admin closes the session; it takes no more, and stays readable", d.closeChat},
	}
}

// dial opens a socket for that person; what it hears is printed under that name.
func (d *demo) dial(ctx context.Context, name string, auth socket.Auth) (*line, error) {
	conn, err := socket.Dial(ctx, d.settings.gateway, auth)
	if err != nil {
		return nil, err
	}

	l := &line{Listener: socket.Listen(conn), name: name, console: d.console}
	d.lines = append(d.lines, l)

	return l, nil
}

func (d *demo) openChat(ctx context.Context) (err error) {
	var given struct {
		Ticket string `json:"ticket"`
	}
	if err := got(d.student.Post("/api/chat/ticket", nil), http.StatusOK, &given); err != nil {
		return err
	}

	if d.phone, err = d.dial(ctx, "Ayu", socket.Ticket(given.Ticket)); err != nil {
		return err
	}

	f, err := d.phone.expect(ctx, "session", "")
	if err != nil {
		return err
	}

	d.chatSession = f.Data.SessionID
	d.chats = append(d.chats, d.chatSession)
	_, err = socket.Dial(ctx, d.settings.gateway, socket.Ticket(given.Ticket))

	no, ok := errors.AsType[*socket.RefusedError](err)
	if !ok {
		return fmt.Errorf("the same ticket again was not refused: %w", err)
	}

	return refused(no.Answer, http.StatusUnauthorized, "AUTH_INVALID_TOKEN")
}

func (d *demo) openDesk(ctx context.Context) (err error) {
	if d.desk, err = d.dial(ctx, "Admin", socket.Bearer(d.admin.Token)); err != nil {
		return err
	}

	_, err = d.desk.expect(ctx, "session", d.chatSession)

	return err
}

func (d *demo) ask(ctx context.Context) error {
	return d.say(ctx, d.phone, d.desk, "Boleh saya bawa sasando sendiri? 🎶", 1)
}

func (d *demo) answer(ctx context.Context) error {
	if err := d.desk.send(socket.Typing(d.chatSession)); err != nil {
		return err
	}

	if _, err := d.phone.expect(ctx, "typing", d.chatSession); err != nil {
		return err
	}

	return d.say(ctx, d.desk, d.phone, "Tentu saja!", 2)
}

// say lets one write, who must be told the number, and the other read.
func (d *demo) say(ctx context.Context, from, to *line, text string, seq int64) error {
	id := uuid.NewString()
	if err := from.send(socket.Say(d.chatSession, id, text)); err != nil {
		return err
	}

	ack, err := from.expect(ctx, "ack", d.chatSession)
	if err != nil {
		return err
	}

	if ack.Data.ClientMsgID != id || ack.Data.Seq != seq {
		return fmt.Errorf("wanted message %s to be number %d: %+v", id, seq, ack)
	}

	return to.hear(ctx, d.chatSession, text, seq)
}

func (d *demo) comeBack(ctx context.Context) (err error) {
	const missed, repeated = "Sampai jumpa hari Senin.", "Terima kasih!"

	d.phone.Break()

	id := uuid.NewString()
	if err := d.desk.send(socket.Say(d.chatSession, id, missed)); err != nil {
		return err
	}

	if _, err := d.desk.expect(ctx, "ack", d.chatSession); err != nil {
		return err
	}

	if d.phone, err = d.dial(ctx, "Ayu", socket.Bearer(d.student.Token)); err != nil {
		return err
	}

	if _, err := d.phone.expect(ctx, "session", d.chatSession); err != nil {
		return err
	}

	if err := d.phone.send(socket.Resume(d.chatSession, 2)); err != nil { //nolint:mnd // she knows two messages
		return err
	}

	if err := d.phone.hear(ctx, d.chatSession, missed, 3); err != nil { //nolint:mnd // the third
		return err
	}

	return d.sayTwice(ctx, repeated)
}

// sayTwice sends a message again as if its acknowledgement had been lost.
func (d *demo) sayTwice(ctx context.Context, text string) error {
	const seq = 4

	frame := socket.Say(d.chatSession, uuid.NewString(), text)
	for range 2 {
		if err := d.phone.send(frame); err != nil {
			return err
		}

		ack, err := d.phone.expect(ctx, "ack", d.chatSession)
		if err != nil {
			return err
		}

		if ack.Data.Seq != seq {
			return fmt.Errorf("the message has number %d, it should have %d", ack.Data.Seq, seq)
		}
	}

	return d.desk.hear(ctx, d.chatSession, text, seq)
}

func (d *demo) readAll(ctx context.Context) error {
	const last = 4

	if err := d.expectUnread(2); err != nil {
		return err
	}

	if err := d.desk.send(socket.Read(d.chatSession, last)); err != nil {
		return err
	}

	if _, err := d.phone.expect(ctx, "read", d.chatSession); err != nil {
		return err
	}

	return d.expectUnread(0)
}

// expectUnread looks at her session in the list of open ones, where it was the last in which something was said.
func (d *demo) expectUnread(count int) error {
	var page client.Page[client.ChatSession]
	if err := got(d.admin.Get("/api/chat/active-sessions?limit=100"), http.StatusOK, &page); err != nil {
		return err
	}

	for _, s := range page.Items {
		if s.ID != d.chatSession {
			continue
		}

		if s.Unread != count || s.User == nil || s.User.Email != d.emails[d.student] {
			return fmt.Errorf("%d messages should be unread in her session: %+v", count, s)
		}

		d.console.notef("%s: %d messages, %d unread", s.User.FullName, s.MessageCount, s.Unread)

		return nil
	}

	return errors.New("her session is not among the open ones")
}

func (d *demo) closeChat(ctx context.Context) error {
	if err := done(d.admin.Post("/api/chat/sessions/"+d.chatSession+"/close", nil)); err != nil {
		return err
	}

	for _, l := range []*line{d.phone, d.desk} {
		if _, err := l.expect(ctx, "session_closed", d.chatSession); err != nil {
			return err
		}
	}

	if err := d.phone.send(socket.Say(d.chatSession, uuid.NewString(), "Halo?")); err != nil {
		return err
	}

	f, err := d.phone.expect(ctx, "error", "")
	if err != nil {
		return err
	}

	if f.Data.Code != "CHAT_SESSION_CLOSED" {
		return fmt.Errorf("a message after the end was refused with %s", f.Data.Code)
	}

	return d.expectHistory()
}

// expectHistory reads the conversation: four messages, numbered without holes.
func (d *demo) expectHistory() error {
	const count = 4

	var page client.Page[socket.Message]

	answer := d.student.Get("/api/chat/sessions/" + d.chatSession + "/messages")
	if err := got(answer, http.StatusOK, &page); err != nil {
		return err
	}

	for i, m := range page.Items {
		if m.Seq != int64(i+1) {
			return fmt.Errorf("message %d has number %d", i+1, m.Seq)
		}
	}

	if len(page.Items) != count {
		return fmt.Errorf("%d messages are kept, %d were said", len(page.Items), count)
	}

	return refused(d.second.Get("/api/chat/sessions/"+d.chatSession+"/messages"), http.StatusNotFound, "CHAT_SESSION_NOT_FOUND")
}
