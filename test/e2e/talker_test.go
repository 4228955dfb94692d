package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// Close codes of the protocol.
const (
	goingAway    = 1001
	tokenExpired = 4001
)

// talker is a client of the chat as docs/chat-protocol.md wants it: it connects again when it has to, asks for what it
// has missed, and sends again what was not acknowledged.
type talker struct {
	spoken

	mu     sync.Mutex
	person *client.Person
	last   int64
	conn   *socket.Conn
}

// spoken is what a talker knows.
type spoken struct {
	// session is what an admin listens to; a person's own becomes known with the first connection.
	session string
	// unsent are messages without an acknowledgement, by the client's name for them.
	unsent map[string]string
	// acked and heard are the numbers of messages by the client's names.
	acked, heard map[string]int64
	connections  int
	// endings are the codes with which connections have ended, and why there was none; faults must not be.
	endings, faults []string
}

func newTalker(p *client.Person, session string) *talker {
	return &talker{person: p, spoken: spoken{
		session: session,
		unsent:  map[string]string{},
		acked:   map[string]int64{},
		heard:   map[string]int64{},
	}}
}

// run keeps the talker connected until the context ends.
func (t *talker) run(ctx context.Context) {
	for ctx.Err() == nil {
		wait := t.listen(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// listen connects and hears until the connection ends; it returns how long to wait before the next one.
func (t *talker) listen(ctx context.Context) time.Duration {
	const retry = 250 * time.Millisecond

	conn, err := dialer().Dial(ctx, socket.Bearer(t.person.Session.AccessToken))
	if err != nil {
		t.leave(err.Error())
		return retry
	}

	stop := context.AfterFunc(ctx, func() { _ = conn.Leave() })
	defer stop()
	defer conn.Break()

	t.greet(conn)

	for {
		frame, err := conn.Next()
		if err != nil {
			code, reason := socket.CloseCode(err)
			t.leave(strconv.Itoa(code))

			if code == tokenExpired {
				t.renew()
				return 0
			}

			return pause(code, reason)
		}

		t.take(conn, frame)
	}
}

// renew signs in again.
func (t *talker) renew() {
	session, err := client.Decode[client.Session](stranger().Login(t.person.Email, t.person.Password), 200)
	if err != nil {
		t.leave(err.Error())
		return
	}

	t.person.Session = session
}

// pause reads from how a connection has ended when to come back.
func pause(code int, reason string) time.Duration {
	after, found := strings.CutPrefix(reason, "reconnect_after_ms=")
	if ms, err := strconv.Atoi(after); code == goingAway && found && err == nil {
		return time.Duration(ms) * time.Millisecond
	}

	return time.Second + rand.N(time.Second)
}

// greet resumes where the talker was, if it was anywhere.
func (t *talker) greet(conn *socket.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()

	t.conn = conn

	t.connections++
	if t.session == "" {
		return
	}

	_ = conn.Send(socket.Resume(t.session, t.last))
	for id, text := range t.unsent {
		_ = conn.Send(socket.Say(t.session, id, text))
	}
}

// leave notes how a connection has ended, or why there was none.
func (t *talker) leave(how string) {
	t.mu.Lock()
	defer t.mu.Unlock()

	t.conn = nil
	t.endings = append(t.endings, how)
}

// take looks at one frame. A number must follow the last one, unless it is repeated by a resume.
func (t *talker) take(conn *socket.Conn, frame socket.Frame) {
	t.mu.Lock()
	defer t.mu.Unlock()

	data := frame.Data
	switch frame.Type {
	case "session":
		if t.session == "" {
			t.session = data.SessionID
		}
	case "ack":
		delete(t.unsent, data.ClientMsgID)

		if known, ok := t.acked[data.ClientMsgID]; ok && known != data.Seq {
			t.faults = append(t.faults, fmt.Sprintf("%s has the numbers %d and %d", data.ClientMsgID, known, data.Seq))
		}

		t.acked[data.ClientMsgID] = data.Seq
	case "new_message":
		if data.SessionID != t.session {
			return
		}

		t.heard[data.ClientMsgID] = data.Seq
		t.last = max(t.last, data.Seq)
	case "error":
		if data.Code == "SERVICE_UNAVAILABLE" { // it may have been written or not: the next connection sends it again
			conn.Break()
			return
		}

		t.faults = append(t.faults, fmt.Sprintf("%s %s", data.Code, data.Error))
	}
}

// say sends a message, now or with the next connection.
func (t *talker) say(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()

	id := uuid.NewString()

	t.unsent[id] = text
	if t.conn != nil && t.session != "" {
		_ = t.conn.Send(socket.Say(t.session, id, text))
	}
}

// state copies what is known.
func (t *talker) state() spoken {
	t.mu.Lock()
	defer t.mu.Unlock()

	s := t.spoken
	s.unsent, s.acked, s.heard = maps.Clone(s.unsent), maps.Clone(s.acked), maps.Clone(s.heard)
	s.endings, s.faults = slices.Clone(s.endings), slices.Clone(s.faults)

	return s
}
