package chattest

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/auth"
)

// patience is how long a client waits for what must come.
const patience = 10 * time.Second

// Frame is a frame from the server; Data has the fields of all types.
type Frame struct {
	Type string `json:"type"`
	Data struct {
		chat.Message

		LastSeq int64       `json:"last_seq"`
		Status  chat.Status `json:"status"`
		Reason  string      `json:"reason"`
		Code    string      `json:"code"`
		Error   string      `json:"error"`
	} `json:"data"`
}

// Client is one connection of a person. It is made by Replica.Connect.
type Client struct {
	t      testing.TB
	conn   *websocket.Conn
	frames chan Frame
	// done is closed with the connection; then code and reason are those of the close frame, or 1006.
	done   chan struct{}
	code   int
	reason string
	write  sync.Mutex
}

// Connect opens a connection with the person's token in the header.
func (r *Replica) Connect(t testing.TB, p auth.Principal) *Client {
	t.Helper()

	c, response, err := r.Dial(t, http.Header{"Authorization": {"Bearer " + r.world.Token(t, p)}}, "")
	if err != nil {
		t.Fatalf("connect: %v (%v)", err, response)
	}

	return c
}

// Dial opens a connection with these headers and this query.
func (r *Replica) Dial(t testing.TB, header http.Header, query string) (*Client, *http.Response, error) {
	t.Helper()

	conn, response, err := websocket.DefaultDialer.DialContext(t.Context(), r.URL()+query, header)
	if err != nil {
		return nil, response, err
	}

	c := newClient(t, conn)
	go c.read()

	return c, response, nil
}

// ConnectSlowly opens a connection whose client reads nothing until read is closed.
func (r *Replica) ConnectSlowly(t testing.TB, p auth.Principal) (c *Client, read chan struct{}) {
	t.Helper()

	dialer := websocket.Dialer{NetDial: func(network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(4 << 10)
		}

		return conn, err
	}}
	conn, _, err := dialer.DialContext(t.Context(), r.URL(), http.Header{"Authorization": {"Bearer " + r.world.Token(t, p)}})
	must(t, err)

	c, read = newClient(t, conn), make(chan struct{})
	go func() {
		<-read
		c.read()
	}()

	return c, read
}

func newClient(t testing.TB, conn *websocket.Conn) *Client {
	t.Helper()
	t.Cleanup(func() { _ = conn.Close() })

	return &Client{
		t:      t,
		conn:   conn,
		frames: make(chan Frame, 100_000),
		done:   make(chan struct{}),
	}
}

func (c *Client) read() {
	defer close(c.done)

	for {
		var f Frame
		if err := c.conn.ReadJSON(&f); err != nil {
			c.code = websocket.CloseAbnormalClosure
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
				c.code, c.reason = closed.Code, closed.Text
			}

			return
		}

		c.frames <- f
	}
}

// Send sends anything as a frame.
func (c *Client) Send(frame any) {
	c.t.Helper()
	c.write.Lock()
	defer c.write.Unlock()

	var err error
	if text, ok := frame.(string); ok {
		err = c.conn.WriteMessage(websocket.TextMessage, []byte(text))
	} else {
		err = c.conn.WriteJSON(frame)
	}

	if err != nil {
		c.t.Logf("send: %v", err)
	}
}

// SendBytes sends bytes as they are, for frames that no library makes.
func (c *Client) SendBytes(raw []byte) {
	c.t.Helper()
	c.write.Lock()
	defer c.write.Unlock()

	if _, err := c.conn.NetConn().Write(raw); err != nil {
		c.t.Logf("send: %v", err)
	}
}

// Say sends a message and returns the client's name for it. Admins name a session.
func (c *Client) Say(text string, session ...uuid.UUID) string {
	c.t.Helper()

	id := uuid.NewString()

	frame := map[string]any{"type": "message", "client_msg_id": id, "message": text}
	if len(session) > 0 {
		frame["session_id"] = session[0]
	}

	c.Send(frame)

	return id
}

// Resume asks for what was said after a number.
func (c *Client) Resume(session uuid.UUID, lastSeq int64) {
	c.t.Helper()
	c.Send(map[string]any{"type": "resume", "session_id": session, "last_seq": lastSeq})
}

// Next returns the next frame.
func (c *Client) Next() Frame {
	c.t.Helper()

	select {
	case f := <-c.frames:
		return f
	case <-time.After(patience):
		c.t.Fatal("no frame came")
	case <-c.done:
		select {
		case f := <-c.frames: // what came before the end
			return f
		default:
			c.t.Fatalf("the connection has ended: %d %s", c.code, c.reason)
		}
	}

	return Frame{}
}

// Expect returns the next frame, which must be of that type.
func (c *Client) Expect(kind string) Frame {
	c.t.Helper()
	f := c.Next()
	NewWithT(c.t).Expect(f.Type).To(Equal(kind), "%+v", f)

	return f
}

// ExpectSeqs reads new messages with exactly these numbers. The end of a resume may be among them.
func (c *Client) ExpectSeqs(from, to int64) {
	c.t.Helper()

	for seq := from; seq <= to; seq++ {
		f := c.Next()
		if f.Type == "resumed" {
			f = c.Next()
		}

		NewWithT(c.t).Expect(f.Type).To(Equal("new_message"), "%+v", f)
		NewWithT(c.t).Expect(f.Data.Seq).To(Equal(seq))
	}
}

// ExpectSilence checks that nothing comes for a moment.
func (c *Client) ExpectSilence() {
	c.t.Helper()

	select {
	case f := <-c.frames:
		c.t.Fatalf("unexpected frame: %+v", f)
	case <-time.After(150 * time.Millisecond):
	}
}

// ExpectClose waits for the end of the connection and returns the close frame's reason.
func (c *Client) ExpectClose(code int) string {
	c.t.Helper()

	select {
	case <-c.done:
	case <-time.After(patience):
		c.t.Fatal("the connection goes on")
	}

	NewWithT(c.t).Expect(c.code).To(Equal(code), c.reason)

	return c.reason
}

// Done is closed with the connection.
func (c *Client) Done() <-chan struct{} { return c.done }

// Frames is where frames arrive.
func (c *Client) Frames() <-chan Frame { return c.frames }

// Leave closes the connection.
func (c *Client) Leave() { _ = c.conn.Close() }
