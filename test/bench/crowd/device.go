package crowd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/shema-music/shema/test/internal/socket"
)

// device is one open socket of a person, over all its connections: when one breaks off, it connects again, asks for
// what it has missed, and sends again what was not acknowledged, as the protocol wants it.
type device struct {
	crowd *Crowd
	auth  socket.Auth
	admin bool

	mu sync.Mutex
	// conn is nil while there is none.
	conn *socket.Conn
	// session is the person's own; admins have none.
	session string
	known   map[string]*heard
	// unsure are the messages that were not acknowledged, by their client_msg_id, with their place in the order.
	unsure map[string]draft
	sent   int
	took   []time.Duration
	acks   []time.Duration
	// connections counts them, and doubled the messages that came twice over one of them.
	connections, doubled int
}

// draft is a message with its place among those of the device, and how often it was refused.
type draft struct {
	place, failures int
	frame           socket.Out
}

// connect opens a connection and does what a client does first.
func (d *device) connect(ctx context.Context) error {
	conn, err := (&socket.Dialer{Base: d.crowd.base}).Dial(ctx, d.auth)
	if err != nil {
		return err
	}

	if !d.admin {
		first, err := conn.Next()
		if err != nil {
			conn.Break()
			return err
		}

		d.take(conn, &first, time.Now())
	}

	d.mu.Lock()
	defer d.mu.Unlock()

	if ctx.Err() != nil {
		conn.Break()
		return ctx.Err()
	}

	d.connections++
	d.conn = conn

	unsure := slices.SortedFunc(maps.Values(d.unsure), func(a, b draft) int { return a.place - b.place })
	for _, m := range unsure {
		_ = conn.Send(m.frame)
	}

	return nil
}

// begin takes in that the connection shows a session, and asks for what was missed there.
func (d *device) begin(conn *socket.Conn, session string, lastSeq int64) {
	d.mu.Lock()

	h, before := d.known[session]
	if !before {
		h = &heard{}
		d.known[session] = h
	}

	h.begin(lastSeq, !before)
	missed := lastSeq > h.upTo

	if !d.admin {
		d.session = session
	}

	d.mu.Unlock()

	resume := func() int64 {
		d.mu.Lock()
		defer d.mu.Unlock()
		return h.resume(lastSeq)
	}
	switch {
	case !d.admin:
		_ = conn.Send(socket.Resume(session, resume())) // if the connection breaks off, the reader hears of it
	case missed:
		d.crowd.asked.ask(conn, session, resume)
	}
}

// live reads, and connects again whenever that ends, until the context does.
func (d *device) live(ctx context.Context) {
	for {
		err := d.listen()
		d.mu.Lock()
		d.conn = nil
		d.mu.Unlock()
		d.crowd.count(err)

		if err := d.comeBack(ctx, err); err != nil {
			if ctx.Err() == nil {
				d.crowd.fail(fmt.Errorf("a socket has ended for good: %w", err))
			}

			return
		}
	}
}

// comeBack connects again, as often as it takes. The error is why it may not.
func (d *device) comeBack(ctx context.Context, err error) error {
	for failures := 0; err != nil; failures++ {
		wait, again := pauseAfter(err, failures)
		if !again || !d.rest(ctx, wait) {
			return err
		}

		err = d.connect(ctx)
	}

	return nil
}

func (d *device) rest(ctx context.Context, wait time.Duration) bool {
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// listen takes frames in until the connection ends.
func (d *device) listen() error {
	d.mu.Lock()
	conn := d.conn
	d.mu.Unlock()

	for {
		raw, err := conn.Read()
		if err != nil {
			return err
		}

		now := time.Now()

		var f socket.Frame
		if err := json.Unmarshal(raw, &f); err != nil {
			return fmt.Errorf("read the frame %q: %w", raw, err)
		}

		d.take(conn, &f, now)
	}
}

// take does what a frame asks for.
func (d *device) take(conn *socket.Conn, f *socket.Frame, now time.Time) {
	switch f.Type {
	case "session":
		d.begin(conn, f.Data.SessionID, f.Data.LastSeq)
	case "ack":
		d.acknowledged(&f.Data.Message, now)
	case "new_message":
		d.hear(&f.Data.Message, now)
	case "error":
		d.refused(conn, &f.Data)
	case "session_closed":
		d.crowd.fail(errors.New("a session was closed"))
	}
}

func (d *device) acknowledged(m *socket.Message, now time.Time) {
	due, err := d.crowd.book.arrived(m.ClientMsgID, m.SessionID, m.Seq)
	if err != nil {
		d.crowd.fail(err)
		return
	}

	d.mu.Lock()
	defer d.mu.Unlock()

	if _, waiting := d.unsure[m.ClientMsgID]; waiting {
		delete(d.unsure, m.ClientMsgID)
		d.acks = append(d.acks, now.Sub(due))
	}

	if h := d.known[m.SessionID]; h != nil {
		h.know(m.Seq)
	}
}

func (d *device) hear(m *socket.Message, now time.Time) {
	due, err := d.crowd.book.arrived(m.ClientMsgID, m.SessionID, m.Seq)
	if err != nil {
		d.crowd.fail(err)
		return
	}

	d.mu.Lock()
	defer d.mu.Unlock()

	h := d.known[m.SessionID]
	if h == nil {
		h = &heard{}
		d.known[m.SessionID] = h
	}

	news, doubled := h.hear(m.Seq)
	if news {
		d.took = append(d.took, now.Sub(due))
	}

	if doubled {
		d.doubled++
	}
}

// refused tries again what the server could not do: it sends a message again, of which it is not known whether it was
// written, and begins anew when another frame was not answered. Nothing else is refused.
func (d *device) refused(conn *socket.Conn, e *socket.Data) {
	d.mu.Lock()
	m, waiting := d.unsure[e.ClientMsgID]

	m.failures++
	if waiting {
		d.unsure[e.ClientMsgID] = m
	}

	d.mu.Unlock()

	switch {
	case e.Code != "SERVICE_UNAVAILABLE":
		d.crowd.fail(fmt.Errorf("a frame was refused: %s %s", e.Code, e.Error))
	case waiting: // after a break it is sent again anyway
		time.AfterFunc(longer(time.Second, m.failures-1), func() { _ = conn.Send(m.frame) })
	case e.ClientMsgID == "":
		conn.Break()
	}
}

// say sends a message, or keeps it for the next connection.
func (d *device) say(session, id, text string) {
	frame := socket.Say("", id, text)
	if d.admin {
		frame.SessionID = session
	}

	d.mu.Lock()
	conn := d.conn
	d.unsure[id] = draft{place: d.sent, frame: frame}
	d.sent++
	d.mu.Unlock()

	if conn != nil {
		_ = conn.Send(frame)
	}
}
