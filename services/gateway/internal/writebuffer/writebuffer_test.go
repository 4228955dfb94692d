package writebuffer_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/writebuffer"
	"github.com/shema-music/shema/services/kit/protocolerror"
)

// newServer answers /n with n bytes, and /panic with the end of the connection.
func newServer(t *testing.T) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size, _ := strconv.Atoi(r.URL.Path[1:])
		_ = writebuffer.Whole(w, r, 4<<10, func() error {
			if r.URL.Path == "/panic" {
				_, _ = io.WriteString(w, "half")

				panic(http.ErrAbortHandler)
			}

			w.Header().Set("Content-Length", strconv.Itoa(size))
			_, err := io.WriteString(w, strings.Repeat("x", size))

			return err
		})
	}))
	server.Listener = writebuffer.Listener(server.Listener)
	server.Config.ConnContext = writebuffer.ConnContext
	server.Start()
	t.Cleanup(server.Close)

	return server
}

// Answers arrive whole and in order.
func TestWhole_OrderAndContent(t *testing.T) {
	g := NewWithT(t)
	server := newServer(t)
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = connection.Close() }()

	in := bufio.NewReader(connection)
	for _, size := range []int{10, 4000, 0, 100_000, 5000} {
		_, err = fmt.Fprintf(connection, "GET /%d HTTP/1.1\r\nHost: x\r\n\r\n", size)
		g.Expect(err).NotTo(HaveOccurred())

		response, err := http.ReadResponse(in, nil)
		g.Expect(err).NotTo(HaveOccurred())

		body, err := io.ReadAll(response.Body)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(body).To(HaveLen(size))
	}
}

// An answer is one piece.
func TestWhole_OneWrite(t *testing.T) {
	g := NewWithT(t)
	server := newServer(t)
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = connection.Close() }()

	_, err = io.WriteString(connection, "GET /4000 HTTP/1.1\r\nHost: x\r\n\r\n")
	g.Expect(err).NotTo(HaveOccurred())

	piece := make([]byte, 1<<20)
	n, err := connection.Read(piece)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(n).To(BeNumerically(">", 4000+len("HTTP/1.1 200 OK")), "headers and body with one read")
}

// A panic ends the connection and sends nothing.
func TestWhole_Panic(t *testing.T) {
	g := NewWithT(t)
	server := newServer(t)
	_, err := server.Client().Get(server.URL + "/panic")
	g.Expect(err).To(MatchError(ContainSubstring("EOF")))

	response, err := server.Client().Get(server.URL + "/4000")
	g.Expect(err).NotTo(HaveOccurred())

	body, err := io.ReadAll(response.Body)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(body)).To(Equal(strings.Repeat("x", 4000)), "nothing of it turns up in another answer")
}

// Other servers just write.
func TestWhole_OtherListeners(t *testing.T) {
	g := NewWithT(t)

	var written atomic.Bool

	recorder := httptest.NewRecorder()
	err := writebuffer.Whole(recorder, httptest.NewRequest(http.MethodGet, "/", http.NoBody), 4<<10, func() error {
		written.Store(true)
		return nil
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(written.Load()).To(BeTrue())
	g.Expect(recorder.Flushed).To(BeFalse())
}

// Who takes a connection over can bound what the kernel holds for it, also below the server's other listeners.
func TestListener_Accept_BoundableBuffers(t *testing.T) {
	g := NewWithT(t)
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = inner.Close() }()

	client, err := net.Dial("tcp", inner.Addr().String())
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = client.Close() }()

	accepted, err := writebuffer.Listener(protocolerror.Listener(inner)).Accept()
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = accepted.Close() }()

	bounded, ok := accepted.(interface {
		SetReadBuffer(size int) error
		SetWriteBuffer(size int) error
	})
	g.Expect(ok).To(BeTrue())
	g.Expect(bounded.SetReadBuffer(64 << 10)).To(Succeed())
	g.Expect(bounded.SetWriteBuffer(64 << 10)).To(Succeed())
}
