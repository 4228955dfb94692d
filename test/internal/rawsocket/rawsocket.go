// Package rawsocket speaks WebSocket byte by byte: it sends frames that no library would, and reads what the server
// sends by the letter of RFC 6455.
package rawsocket

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/shema-music/shema/test/internal/client"
)

// limit is how long a connection lasts at most.
const limit = 30 * time.Second

// The codes of connections that end without one: an empty close frame, and none at all.
const (
	NoCode      = 1005
	Interrupted = 1006
)

var errMasked = errors.New("the server masks its frames")

// RefusedError says that the server answered a handshake with something else.
type RefusedError struct{ Answer client.Answer }

func (r *RefusedError) Error() string { return "no WebSocket: " + r.Answer.String() }

// Conn is a connection.
type Conn struct {
	conn   net.Conn
	reader *bufio.Reader
}

// Open sends a handshake as it is to the server at base. What the server refuses comes back as *RefusedError.
func Open(base, handshake string) (*Conn, error) {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(base, "http://"), limit)
	if err != nil {
		return nil, err
	}

	c := &Conn{conn: conn, reader: bufio.NewReader(conn)}

	err = c.shake(handshake)
	if err != nil {
		c.Close()
		return nil, err
	}

	return c, nil
}

func (c *Conn) shake(handshake string) error {
	if err := c.conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return err
	}

	if err := c.Write([]byte(handshake)); err != nil {
		return err
	}

	response, err := http.ReadResponse(c.reader, nil)
	if err != nil || response.StatusCode == http.StatusSwitchingProtocols {
		return err
	}

	defer func() { _ = response.Body.Close() }()

	// A server that keeps the connection says how long its answer is.
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}

	line, _, _ := strings.Cut(handshake, "\r\n")

	return &RefusedError{client.Answer{
		Request: line,
		Status:  response.StatusCode,
		Header:  response.Header,
		Body:    body,
	}}
}

// Close hangs up.
func (c *Conn) Close() { _ = c.conn.Close() }

// Write sends bytes as they are.
func (c *Conn) Write(raw []byte) error {
	_, err := c.conn.Write(raw)
	return err
}

// CloseCode reads until the connection ends and returns with which code the server has ended it.
func (c *Conn) CloseCode() int {
	for {
		kind, payload, err := c.next()
		if err != nil {
			return Interrupted
		}

		if kind == closing {
			return codeOf(payload)
		}
	}
}

// Await reads until a frame comes that begins like the given one, such as "pong halo", "text {" or "close 1000".
func (c *Conn) Await(frame string) error {
	var heard []string

	for {
		kind, payload, err := c.next()
		if err != nil {
			return fmt.Errorf("heard %q instead of %q: %w", heard, frame, err)
		}

		said := describe(kind, payload)
		if strings.HasPrefix(said, frame) {
			return nil
		}

		heard = append(heard, said)
	}
}

// The opcodes that the server uses.
const (
	text    = 1
	closing = 8
	ping    = 9
	pong    = 10
)

func describe(kind byte, payload []byte) string {
	switch kind {
	case text:
		return "text " + string(payload)
	case pong:
		return "pong " + string(payload)
	case ping:
		return "ping " + string(payload)
	case closing:
		return fmt.Sprintf("close %d", codeOf(payload))
	}

	return fmt.Sprintf("opcode %d", kind)
}

func codeOf(payload []byte) int {
	if len(payload) < 2 { //nolint:mnd // what a code takes
		return NoCode
	}

	return int(binary.BigEndian.Uint16(payload))
}

// next reads one frame.
func (c *Conn) next() (kind byte, payload []byte, err error) {
	head := make([]byte, 2) //nolint:mnd // RFC 6455, 5.2
	if _, err := io.ReadFull(c.reader, head); err != nil {
		return 0, nil, err
	}

	if head[1]&0x80 != 0 {
		return 0, nil, errMasked
	}

	length := uint64(head[1])

	switch length {
	case 126:
		var n uint16

		err = binary.Read(c.reader, binary.BigEndian, &n)
		length = uint64(n)
	case 127:
		err = binary.Read(c.reader, binary.BigEndian, &length)
	}

	if err != nil {
		return 0, nil, err
	}

	payload = make([]byte, length)
	_, err = io.ReadFull(c.reader, payload)

	return head[0] & 0x0f, payload, err
}
