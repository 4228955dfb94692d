// Package socket speaks with one client over one WebSocket: a goroutine that reads, one that writes while there is
// something to write, and a queue with a bound between the world and the network.
package socket

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// maxFrame is the largest frame that is read. The longest message has a fifth of it, with every character escaped.
	maxFrame = 256 << 10
	// pingEvery keeps proxies from cutting idle connections; silentFor is after how long without any sign the other end
	// is gone.
	pingEvery = 25 * time.Second
	silentFor = 60 * time.Second
	// writeTimeout is how long one frame may take to leave, and farewell how long the other end may take to answer a
	// close frame.
	writeTimeout = 30 * time.Second
	farewell     = 2 * time.Second
	// maxFarewell is how much is still read, and thrown away, of a client that is told why it has to go.
	maxFarewell = 8 << 20
	// kernelBuffer bounds what the system holds for a client that does not read.
	kernelBuffer = 64 << 10
)

// Chats are the use cases that a socket needs; chat.Service has them.
type Chats interface {
	Send(ctx context.Context, d *chat.Draft) (m chat.Message, repeated bool, err error)
	Find(ctx context.Context, id uuid.UUID, v chat.Viewer) (chat.Session, error)
	MarkRead(ctx context.Context, id uuid.UUID, v chat.Viewer, seq int64) (mark int64, moved bool, err error)
}

// Limits are how much one socket may do; hub.Limits are those of a person.
type Limits struct {
	// QueueBytes is how much may wait for the network.
	QueueBytes int
	// Hold is how long after connecting live messages wait for a resume frame at most. Settle is how long they wait when
	// the client has shown by a pong, or by another resume frame, that one would have come by now.
	Hold, Settle time.Duration
}

// Options are what a Server is made of.
type Options struct {
	Hub     *hub.Hub
	Chats   Chats
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics *Metrics
	Limits  Limits
}

// Server makes sockets of connections. It is safe for concurrent use.
type Server struct {
	hub     *hub.Hub
	chats   Chats
	clock   clock.Clock
	log     *slog.Logger
	metrics *Metrics
	limits  Limits
}

// New returns a server whose sockets join the hub.
func New(o Options) *Server {
	return &Server{
		hub:     o.Hub,
		chats:   o.Chats,
		clock:   o.Clock,
		log:     o.Log,
		metrics: o.Metrics,
		limits:  o.Limits,
	}
}

// Stopping reports whether this replica takes no new clients any more.
func (s *Server) Stopping() bool { return s.hub.Stopping() }

// Client is who has connected.
type Client struct {
	Person auth.Principal
	// Sessions are those that the client is told of: the own one, or all open ones for admins.
	Sessions []chat.Session
	// AcceptLanguage is for the sentences in error frames.
	AcceptLanguage string
}

// socket is one connection.
type socket struct {
	server   *Server
	conn     *websocket.Conn
	queue    *queue
	member   *hub.Member
	language string
	live     sync.Once
	// entered is up to where the own session had gone when the client connected.
	entered int64
	// ping fires when it is time for the next one.
	ping *time.Timer
	// hold lets the socket go live if the client does not ask for anything; settle shortens it, once.
	hold   *time.Timer
	settle sync.Once
}

// Serve takes over a connection and returns. The context carries values only; the connection outlives it.
func (s *Server) Serve(ctx context.Context, conn *websocket.Conn, client Client) {
	ctx = context.WithoutCancel(ctx)
	socket := &socket{
		server:   s,
		conn:     conn,
		language: client.AcceptLanguage,
	}
	socket.queue = newQueue(s.limits.QueueBytes, socket.write)

	own := uuid.Nil
	if client.Person.Role != auth.Admin && len(client.Sessions) > 0 {
		own, socket.entered = client.Sessions[0].ID, client.Sessions[0].LastSeq
	}

	socket.member = hub.NewMember(client.Person, own, socket)

	// The server may have wrapped the connection.
	if tcp, ok := conn.NetConn().(interface{ SetWriteBuffer(size int) error }); ok {
		_ = tcp.SetWriteBuffer(kernelBuffer)
	}

	if err := s.hub.Join(socket.member, client.Sessions); err != nil {
		socket.turnAway(err)
	}

	go socket.read(ctx, client.Sessions)
}

// turnAway closes a connection that could not join.
func (s *socket) turnAway(err error) {
	if errors.Is(err, hub.ErrStopping) {
		s.Close(hub.DisconnectGoingAway(time.Second))
		return
	}

	s.Close(hub.DisconnectTooMany)
}

// Offer implements hub.Sink.
func (s *socket) Offer(frame []byte) { s.mind(s.queue.offer(frame)) }

// Wait implements hub.Sink.
func (s *socket) Wait(frame []byte) error { return s.queue.wait(frame) }

// Done implements hub.Sink.
func (s *socket) Done() <-chan struct{} { return s.queue.done }

// Close implements hub.Sink.
func (s *socket) Close(d hub.Disconnect) {
	if s.queue.end(d) {
		s.server.metrics.closed(d.Code)
	}
}

func (s *socket) answer(frame []byte) { s.mind(s.queue.answer(frame)) }

func (s *socket) mind(err error) {
	if errors.Is(err, errTooSlow) {
		s.Close(hub.DisconnectTooSlow)
	}
}

// write is the goroutine that writes everything that waits.
func (s *socket) write() {
	for {
		frame, end := s.queue.next()
		switch {
		case end != nil:
			s.sayGoodbye(end)
			s.queue.close()
			return
		case frame == nil:
			return
		}

		_ = s.conn.SetWriteDeadline(s.server.clock.Now().Add(writeTimeout))
		if err := s.conn.WriteMessage(websocket.TextMessage, frame); err != nil {
			s.breakOff(err)
			return
		}

		s.queue.written(frame)
	}
}

// breakOff ends a connection that takes nothing any more. Behind a close frame that is left to the reader: closed while bytes
// of the other end are unread, the connection would be reset, and the close frame lost with it.
func (s *socket) breakOff(err error) {
	if !errors.Is(err, websocket.ErrCloseSent) {
		_ = s.conn.Close()
	}

	s.queue.close()
}

// keepPinging pings again and again until the connection ends. Between pings only a timer waits.
func (s *socket) keepPinging(ctx context.Context) {
	// It is set only when it has its name, which the function needs.
	s.ping = time.AfterFunc(time.Hour, func() {
		deadline := s.server.clock.Now().Add(writeTimeout)
		if err := s.conn.WriteControl(websocket.PingMessage, nil, deadline); err != nil {
			s.server.log.DebugContext(ctx, "a socket broke off", "error", err)
			s.breakOff(err)

			return
		}

		if !s.queue.isClosed() {
			s.ping.Reset(pingEvery)
		}
	})
	s.ping.Reset(pingEvery)
}

// sayGoodbye writes the close frame. The reader then waits for the other end's.
func (s *socket) sayGoodbye(d *hub.Disconnect) {
	now := s.server.clock.Now()

	err := s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(d.Code, d.Reason), now.Add(writeTimeout))
	if err != nil {
		_ = s.conn.Close()
		return
	}

	_ = s.conn.SetReadDeadline(now.Add(farewell))
}
