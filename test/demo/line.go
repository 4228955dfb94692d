package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/socket"
)

// hearing is how soon a frame must come.
const hearing = 5 * time.Second

// line is a person at a socket. Every frame that goes over it is printed.
type line struct {
	*socket.Listener

	name    string
	console *console
}

func (l *line) send(frame socket.Out) error {
	text := ""
	if frame.Message != nil {
		text = fmt.Sprintf("%q", *frame.Message)
	}

	l.show("→", frame.Type, text)

	return l.Send(frame)
}

func (l *line) show(direction, kind, text string) {
	l.console.notef("%s", strings.TrimSpace(fmt.Sprintf("%-5s %s %-14s %s", l.name, direction, kind, text)))
}

// expect returns the next frame about a session, which must be of that type; without a session the next of all.
func (l *line) expect(ctx context.Context, kind, session string) (socket.Frame, error) {
	ctx, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()

	for {
		f, err := l.Next(ctx)
		if err != nil {
			return f, fmt.Errorf("%s waits for a frame %s: %w", l.name, kind, err)
		}

		if session != "" && f.Data.SessionID != "" && f.Data.SessionID != session {
			continue // an admin hears all sessions
		}

		if f.Type == "notification" || f.Type == "resumed" {
			continue // they come between the frames of the conversation
		}

		l.show("←", f.Type, about(&f.Data))

		if f.Type != kind {
			return f, fmt.Errorf("%s waits for a frame %s and hears %+v", l.name, kind, f)
		}

		return f, nil
	}
}

// await returns the next frame of that type about a session, whatever comes before.
func (l *line) await(ctx context.Context, kind, session string) (socket.Frame, error) {
	ctx, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()

	for {
		f, err := l.Next(ctx)
		if err != nil {
			return f, fmt.Errorf("%s waits for a frame %s: %w", l.name, kind, err)
		}

		if f.Type == kind && f.Data.SessionID == session {
			l.show("←", f.Type, about(&f.Data))
			return f, nil
		}
	}
}

// about says in a few words what is in a frame.
func about(data *socket.Data) string {
	switch {
	case data.Text != "":
		return fmt.Sprintf("#%d %s (%s): %q", data.Seq, data.SenderName, data.Sender, data.Text)
	case data.Code != "":
		return data.Code + ": " + data.Error
	case data.Seq > 0:
		return fmt.Sprintf("#%d", data.Seq)
	case data.Status != "":
		return fmt.Sprintf("%s, %d messages", data.Status, data.LastSeq)
	case data.Reason != "":
		return "by " + data.Reason
	}

	return data.Sender
}

// hear waits for a message with this text and number.
func (l *line) hear(ctx context.Context, session, text string, seq int64) error {
	f, err := l.expect(ctx, "new_message", session)
	if err != nil {
		return err
	}

	if f.Data.Text != text || f.Data.Seq != seq {
		return fmt.Errorf("%s should have heard %q as number %d", l.name, text, seq)
	}

	return nil
}

// ends waits for the end of the connection with a code.
func (l *line) ends(limit time.Duration, code int) error {
	select {
	case <-l.Ended():
	case <-time.After(limit):
		return fmt.Errorf("the socket of %s is open after %s", l.name, milliseconds(limit))
	}

	if found, reason := l.CloseCode(); found != code {
		return fmt.Errorf("the socket of %s closed with %d (%s), not %d", l.name, found, reason, code)
	}

	return nil
}
