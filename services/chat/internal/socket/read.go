package socket

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/contracts/errs"
)

var errBinary = errors.New("the frame is not text")

// read is the goroutine that reads. It ends with the connection, and then everything else of the socket does. Most of its
// life it waits here, so its stack is kept small: what needs more of it has functions of its own.
func (s *socket) read(ctx context.Context, sessions []chat.Session) {
	s.greet(ctx, sessions)

	for {
		kind, raw, err := s.conn.ReadMessage()
		if err != nil {
			s.lastWords(err)
			break
		}

		s.listen()
		s.take(ctx, kind, raw)
	}

	s.leave()
}

// lastWords lets the other end hear why we end: the library has said it, but a connection that is closed while bytes
// wait unread is reset, and the close frame lost with it.
func (s *socket) lastWords(err error) {
	var broken net.Error
	if errors.As(err, &broken) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || websocket.IsUnexpectedCloseError(err) {
		return // the other end has gone
	}

	if errors.Is(err, websocket.ErrReadLimit) {
		s.server.metrics.closed(hub.DisconnectTooLarge.Code)
		s.sayTooLarge()
	}

	conn := s.conn.NetConn()
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}

	_ = conn.SetReadDeadline(s.server.clock.Now().Add(farewell))
	_, _ = io.Copy(io.Discard, io.LimitReader(conn, maxFarewell))
}

// sayTooLarge says what the library does not where a length is beyond all numbers. Where it does, this is one too many and
// not sent.
func (s *socket) sayTooLarge() {
	goodbye := websocket.FormatCloseMessage(hub.DisconnectTooLarge.Code, hub.DisconnectTooLarge.Reason)
	_ = s.conn.WriteControl(websocket.CloseMessage, goodbye, s.server.clock.Now().Add(farewell))
}

func (s *socket) leave() {
	s.hold.Stop()
	s.server.hub.Leave(s.member)
	s.queue.close()
	s.ping.Stop()
	_ = s.conn.Close()
}

// greet says what has to be said first, and sets the clocks.
func (s *socket) greet(ctx context.Context, sessions []chat.Session) {
	s.conn.SetReadLimit(maxFrame)
	s.listen()
	s.keepPinging(ctx)
	s.welcome(sessions)
	// A client that has been here before asks first for what it has missed; until it had time for that, it hears nothing
	// that would stand in front of the answer. Its pong says how long the way is.
	s.hold = time.AfterFunc(s.server.limits.Hold, func() { s.goLive(ctx) })
	s.conn.SetPongHandler(func(string) error {
		s.settle.Do(func() { s.hold.Reset(s.server.limits.Settle) })
		s.listen()
		return nil
	})
	_ = s.conn.WriteControl(websocket.PingMessage, nil, s.server.clock.Now().Add(time.Second))
}

// listen gives the other end time for its next sign, unless the socket is ending.
func (s *socket) listen() {
	if !s.queue.isEnding() {
		_ = s.conn.SetReadDeadline(s.server.clock.Now().Add(silentFor))
	}
}

// welcome tells the guest of its sessions.
func (s *socket) welcome(sessions []chat.Session) {
	for i := range sessions {
		known := &sessions[i]
		if s.Wait(frame.Session(known)) != nil {
			return
		}
	}
}

func (s *socket) goLive(ctx context.Context) {
	s.live.Do(func() { _ = s.server.hub.GoLive(ctx, s.member) }) // it fails only with the socket
}

// take handles one frame. A socket that is ending takes none.
func (s *socket) take(ctx context.Context, kind int, raw []byte) {
	if !s.queue.setBusy(true) {
		return
	}

	defer s.queue.setBusy(false)

	if !s.server.hub.AllowFrame(s.member) {
		s.Close(hub.DisconnectTooFast)
		return
	}

	if kind != websocket.TextMessage {
		s.refuse(errs.MalformedJSON.Wrap(errBinary), "")
		return
	}

	if !utf8.Valid(raw) { // the library leaves that to us
		s.Close(hub.DisconnectInvalidText)
		return
	}

	in, err := frame.Parse(raw)
	if err != nil {
		s.refuse(err, in.ClientMsgID)
		return
	}

	if err := s.handle(ctx, &in); err != nil {
		s.log(ctx, err)
		s.refuse(err, in.ClientMsgID)
	}
}

func (s *socket) refuse(err error, clientMsgID string) {
	s.answer(frame.Error(err, s.language, clientMsgID))
}

// log writes what an operator should look at; refusals are not.
func (s *socket) log(ctx context.Context, err error) {
	if e := errs.Classify(err); e.Kind.Status() >= errs.Internal.Status() {
		s.server.log.WarnContext(ctx, "a frame was not handled", "user_id", s.member.Person.UserID, "error", err)
	}
}
