package wsproxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/gateway/internal/wsproxy"
	"github.com/shema-music/shema/services/kit/clock"
)

const handshake = "GET /api/chat/connect HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

// service accepts one connection, answers the handshake with what answer says, and hands the connection over.
func service(t *testing.T, answer string) (address string, accepted <-chan net.Conn) {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = listener.Close() })

	conns := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}

		t.Cleanup(func() { _ = conn.Close() })

		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.WriteString(conn, answer)
		}

		conns <- conn
	}()

	return "http://" + listener.Addr().String(), conns
}

const accepts = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

// front serves a proxy to the address, and returns a client that has sent the handshake and what follows it.
func front(t *testing.T, address, more string) (*wsproxy.Proxy, *net.TCPConn, *bufio.Reader, <-chan error) {
	t.Helper()
	g := NewWithT(t)
	way, err := wsproxy.New([]string{address}, clock.System{})
	g.Expect(err).NotTo(HaveOccurred())

	served := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { served <- way.Serve(w, r) }))
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	g.Expect(err).NotTo(HaveOccurred())

	t.Cleanup(func() { _ = conn.Close() })
	g.Expect(conn.SetDeadline(time.Now().Add(20 * time.Second))).To(Succeed())

	_, err = io.WriteString(conn, handshake+more)
	g.Expect(err).NotTo(HaveOccurred())

	return way, conn.(*net.TCPConn), bufio.NewReader(conn), served
}

func read(t *testing.T, from io.Reader, n int) string {
	t.Helper()

	text := make([]byte, n)
	_, err := io.ReadFull(from, text)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return string(text)
}

// What follows the handshake at once is not lost.
func TestProxy_Serve_EarlyFrames(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	address, accepted := service(t, accepts+"early answer")
	_, _, client, served := front(t, address, "early question")
	response, err := http.ReadResponse(client, nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(response.StatusCode).To(Equal(http.StatusSwitchingProtocols))
	g.Expect(read(t, client, len("early answer"))).To(Equal("early answer"))
	g.Expect(<-served).To(Succeed(), "the handler is done as soon as the connection stands")
	g.Expect(read(t, <-accepted, len("early question"))).To(Equal("early question"))
}

// The last word of a side arrives.
func TestProxy_Serve_HalfClose(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	address, accepted := service(t, accepts)
	way, client, reader, _ := front(t, address, "")
	_, err := http.ReadResponse(reader, nil)
	g.Expect(err).NotTo(HaveOccurred())

	conn := <-accepted
	_, _ = io.WriteString(conn, "goodbye")
	g.Expect(conn.(*net.TCPConn).CloseWrite()).To(Succeed())

	rest, err := io.ReadAll(reader)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(rest)).To(Equal("goodbye"))

	_, _ = io.WriteString(client, "you too")
	g.Expect(client.CloseWrite()).To(Succeed())

	rest, err = io.ReadAll(conn)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(rest)).To(Equal("you too"))
	g.Eventually(way.Open).Should(BeZero())
}

// A client that stops reading holds little.
func TestProxy_Serve_StalledClient(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	address, accepted := service(t, accepts)
	_, client, reader, _ := front(t, address, "")
	g.Expect(client.SetReadBuffer(64 << 10)).To(Succeed())

	_, err := http.ReadResponse(reader, nil)
	g.Expect(err).NotTo(HaveOccurred())

	conn := (<-accepted).(*net.TCPConn)
	g.Expect(conn.SetWriteBuffer(64 << 10)).To(Succeed())

	const much = 16 << 20
	go func() { _, _ = conn.Write(make([]byte, much)) }()

	_, err = io.CopyN(io.Discard, reader, much)
	g.Expect(err).NotTo(HaveOccurred(), "until here the system has learned that this one takes a lot")
	g.Expect(conn.SetWriteDeadline(time.Now().Add(time.Second))).To(Succeed())

	taken, err := conn.Write(make([]byte, 2*much))
	g.Expect(err).To(MatchError(os.ErrDeadlineExceeded), "the service notices that its client does not read")
	g.Expect(taken).To(BeNumerically("<", 1<<20))
}

// Stopping breaks connections off.
func TestProxy_Close(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	address, accepted := service(t, accepts)
	way, _, reader, _ := front(t, address, "")
	_, err := http.ReadResponse(reader, nil)
	g.Expect(err).NotTo(HaveOccurred())

	conn := <-accepted

	g.Eventually(way.Open).Should(Equal(1))

	way.Close()

	_, err = reader.ReadByte()
	g.Expect(err).To(HaveOccurred())

	_, err = conn.Read(make([]byte, 1))
	g.Expect(err).To(HaveOccurred())
	g.Eventually(way.Open).Should(BeZero())
}

// Servers that do not answer.
func TestProxy_Serve_NoServer(t *testing.T) {
	t.Parallel()

	for reason, answer := range map[string]string{
		"no HTTP":         "hello\r\n\r\n",
		"half a refusal":  "HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\n{",
		"nothing at all":  "",
		"a broken header": "HTTP/1.1 101 Switching Protocols\r\nUpgr",
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			address, accepted := service(t, answer)
			_, _, _, served := front(t, address, "")

			if answer != "" {
				_ = (<-accepted).Close()
			}

			NewWithT(t).Eventually(served, "10s").Should(Receive(MatchError(errs.Unavailable)))
		})
	}
}

// Addresses of servers.
func TestNew_Addresses(t *testing.T) {
	t.Parallel()

	g := NewWithT(t)
	for _, address := range []string{"127.0.0.1:3005", "http://chat", "https://chat:3005", "http://chat:3005/", "://"} {
		_, err := wsproxy.New([]string{address}, clock.System{})
		g.Expect(err).To(MatchError(ContainSubstring("http://127.0.0.1:3005")), address)
	}

	way, err := wsproxy.New(nil, clock.System{})
	g.Expect(err).NotTo(HaveOccurred())

	err = way.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	g.Expect(err).To(MatchError(errs.Unavailable))
}

// A handshake of another version is told which one the service speaks (RFC 6455, 4.4).
func TestProxy_Serve_OtherVersion(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	address, _ := service(t, "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nX-Internal: secret\r\nContent-Length: 2\r\n\r\n{}")
	_, _, reader, served := front(t, address, "")

	response, err := http.ReadResponse(reader, nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(response.Body.Close()).To(Succeed())

	g.Expect(response.StatusCode).To(Equal(http.StatusUpgradeRequired))
	g.Expect(response.Header.Get("Sec-Websocket-Version")).To(Equal("13"))
	g.Expect(response.Header).NotTo(HaveKey("X-Internal"))
	g.Eventually(served).Should(Receive(BeNil()))
}
