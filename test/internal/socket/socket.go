// Package socket is a client of the chat's WebSocket as the outside world has it: through the gateway, with the
// contract's frames, nothing of the platform's own code. A connection costs no goroutine and little memory, so that
// thousands fit into one process; Listen adds a goroutine where a test looks at frames later.
package socket

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/shema-music/shema/test/internal/client"
)

// path is where the WebSocket is.
const path = "/api/chat/connect"

// readBuffer and writeBuffer hold nearly all frames; longer ones are read and written in parts. What is written is
// borrowed for the moment of writing.
const readBuffer, writeBuffer = 1 << 10, 1 << 10

var writeBuffers sync.Pool

// Auth adds to a handshake what says who connects; nil says nothing.
type Auth func(query url.Values, header http.Header)

// Bearer says it in the header, as programs do.
func Bearer(token string) Auth {
	return func(_ url.Values, header http.Header) { header.Set("Authorization", "Bearer "+token) }
}

// Ticket says it with what POST /api/chat/ticket has given, as browsers do.
func Ticket(ticket string) Auth {
	return func(query url.Values, _ http.Header) { query.Set("ticket", ticket) }
}

// Token says it with the access token in the query.
func Token(token string) Auth {
	return func(query url.Values, _ http.Header) { query.Set("token", token) }
}

// Dialer opens connections. It is safe for parallel use as long as its fields do not change meanwhile.
type Dialer struct {
	// Base is the server's URL without a slash at the end, such as http://127.0.0.1:3000.
	Base string
	// Header is sent with each handshake.
	Header http.Header
	// TLS is used where Base begins with https.
	TLS *tls.Config
	// ReceiveBuffer is how many bytes the system keeps for a client that does not read; 0 leaves that to the system.
	ReceiveBuffer int
}

// Dial opens a connection with the defaults to the server at base.
func Dial(ctx context.Context, base string, auth Auth) (*Conn, error) {
	return (&Dialer{Base: base}).Dial(ctx, auth)
}

// Dial opens a connection. What the server refuses comes back as *RefusedError.
func (d *Dialer) Dial(ctx context.Context, auth Auth) (*Conn, error) {
	header, query := d.Header.Clone(), url.Values{}
	if header == nil {
		header = http.Header{}
	}

	if auth != nil {
		auth(query, header)
	}

	dialer := websocket.Dialer{
		NetDialContext:  d.connect,
		TLSClientConfig: d.TLS,
		ReadBufferSize:  readBuffer,
		WriteBufferSize: writeBuffer,
		WriteBufferPool: &writeBuffers,
	}

	address := "ws" + strings.TrimPrefix(d.Base, "http") + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}

	conn, response, err := dialer.DialContext(ctx, address, header)
	if err == nil {
		return &Conn{conn: conn}, nil
	}

	if response == nil {
		return nil, fmt.Errorf("connect to %s: %w", d.Base, err)
	}

	defer func() { _ = response.Body.Close() }()

	body, _ := io.ReadAll(response.Body) // the library gives the first kilobyte

	return nil, &RefusedError{client.Answer{
		Request: "GET " + path,
		Status:  response.StatusCode,
		Header:  response.Header,
		Body:    body,
	}}
}

func (d *Dialer) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if tcp, ok := conn.(*net.TCPConn); ok && d.ReceiveBuffer > 0 {
		err = tcp.SetReadBuffer(d.ReceiveBuffer)
	}

	return conn, err
}

// RefusedError says that the server answered a handshake with something else.
type RefusedError struct{ Answer client.Answer }

func (r *RefusedError) Error() string { return "no WebSocket: " + r.Answer.String() }

// Conn is one connection. One goroutine may read while others write.
type Conn struct {
	conn  *websocket.Conn
	write sync.Mutex
}

// Send sends a frame: a string as it is, everything else as JSON.
func (c *Conn) Send(frame any) error {
	raw, isText := frame.(string)
	if !isText {
		encoded, err := json.Marshal(frame)
		if err != nil {
			return err
		}

		raw = string(encoded)
	}

	return c.SendRaw(websocket.TextMessage, []byte(raw))
}

// SendRaw sends a WebSocket message of that kind, for frames that no client should send.
func (c *Conn) SendRaw(kind int, raw []byte) error {
	c.write.Lock()
	defer c.write.Unlock()
	return c.conn.WriteMessage(kind, raw)
}

// Read waits for the next frame and returns it as it came. Pings are answered while it waits, and only then. When the
// connection has ended, CloseCode tells from the error how.
func (c *Conn) Read() ([]byte, error) {
	_, raw, err := c.conn.ReadMessage()
	return raw, err
}

// Next is Read for those who want to know what is in the frame.
func (c *Conn) Next() (Frame, error) {
	raw, err := c.Read()
	if err != nil {
		return Frame{}, err
	}

	var f Frame
	if err := json.Unmarshal(raw, &f); err != nil {
		return Frame{}, fmt.Errorf("read the frame %q: %w", raw, err)
	}

	return f, nil
}

// Leave says goodbye and hangs up.
func (c *Conn) Leave() error {
	c.write.Lock()
	defer c.write.Unlock()

	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")

	return errors.Join(c.conn.WriteMessage(websocket.CloseMessage, goodbye), c.conn.Close())
}

// Break hangs up without a word, as a network does that fails.
func (c *Conn) Break() { _ = c.conn.Close() }

// CloseCode returns the code and the reason with which the server has closed a connection, from the error of Read or
// Next. A connection that broke off without a close frame has the code 1006, nil has 0.
func CloseCode(err error) (code int, reason string) {
	if err == nil {
		return 0, ""
	}

	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return closed.Code, closed.Text
	}

	return websocket.CloseAbnormalClosure, err.Error()
}
