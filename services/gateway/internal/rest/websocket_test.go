package rest_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/kit/auth"
)

// chatServer stands for one replica of the chat service: it repeats what it hears.
type chatServer struct {
	*httptest.Server

	mu       sync.Mutex
	requests []*http.Request
	refusal  int
}

func newChatServer(t *testing.T) *chatServer {
	s := &chatServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)

	return s
}

func (s *chatServer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	refusal := s.refusal
	s.mu.Unlock()

	if refusal != 0 {
		w.Header().Set("Retry-After", "2")
		writeJSON(w, refusal, `{"error":"No.","code":"AUTH_INVALID_TOKEN","details":{}}`)
		return
	}

	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}

	defer func() { _ = conn.Close() }()

	_ = conn.WriteMessage(websocket.TextMessage, []byte("welcome")) // may come in one piece with the handshake
	for {
		kind, text, err := conn.ReadMessage()
		if err != nil {
			return
		}

		if string(text) == "close" {
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4001, "expired"), time.Now().Add(time.Second))
			continue
		}

		_ = conn.WriteMessage(kind, text)
	}
}

func (s *chatServer) taken() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *chatServer) refuse(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.refusal = status
}

func chatAt(servers ...*chatServer) func(*rest.Options) {
	return func(o *rest.Options) {
		for _, s := range servers {
			o.ChatURLs = append(o.ChatURLs, s.URL)
		}
	}
}

func (w *testGateway) dial(query string, h http.Header) (*websocket.Conn, *http.Response, error) {
	return websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.gateway.URL, "http")+"/api/chat/connect"+query, h)
}

func (w *testGateway) connect(query string, h http.Header) *websocket.Conn {
	conn, _, err := w.dial(query, h)
	w.Expect(err).NotTo(HaveOccurred())
	w.t.Cleanup(func() { _ = conn.Close() })
	w.Expect(heard(conn)).To(Equal("welcome"))

	return conn
}

func heard(conn *websocket.Conn) string {
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))

	_, text, err := conn.ReadMessage()
	if err != nil {
		return err.Error()
	}

	return string(text)
}

// WebSockets lead to the chat service.
func TestGateway_Connect_Proxied(t *testing.T) {
	chat := newChatServer(t)
	w := newTestGateway(t, chatAt(chat))
	token := w.token(auth.Student)
	conn := w.connect("?token="+token, http.Header{"Origin": {page}, "Cookie": {"a=b"}, "X-Service-Token": {"forged"}, "Accept-Language": {"id"}})

	long := strings.Repeat("halo ", 100_000)
	for _, text := range []string{"halo", "", long} {
		w.Expect(conn.WriteMessage(websocket.TextMessage, []byte(text))).To(Succeed())
		w.Expect(heard(conn)).To(Equal(text))
	}

	w.Expect(conn.WriteMessage(websocket.TextMessage, []byte("close"))).To(Succeed())
	w.Expect(heard(conn)).To(ContainSubstring("4001"))

	got := chat.taken()[0]
	w.Expect(got.URL.RequestURI()).To(Equal("/api/chat/connect?token=" + token))
	w.Expect(got.Header.Get("Origin")).To(Equal(page))
	w.Expect(got.Header.Get("Accept-Language")).To(Equal("id"))
	w.Expect(got.Header.Get("X-Request-Id")).NotTo(BeEmpty())
	w.Expect(got.Header.Get("X-Client-Ip")).To(Equal("127.0.0.1"))
	w.Expect(got.Header.Get("Traceparent")).NotTo(BeEmpty())

	for _, name := range []string{"Cookie", "X-Service-Token", "Dapr-Api-Token"} {
		w.Expect(got.Header).NotTo(HaveKey(name))
	}

	w.Expect(w.sidecar.taken()).To(BeEmpty())
}

// The chat service decides who may connect.
func TestGateway_Connect_Refused(t *testing.T) {
	chat := newChatServer(t)
	w := newTestGateway(t, chatAt(chat))
	chat.refuse(http.StatusUnauthorized)

	_, response, err := w.dial("?ticket=used", nil)
	w.Expect(err).To(HaveOccurred())
	w.Expect(response.StatusCode).To(Equal(http.StatusUnauthorized))
	body, err := io.ReadAll(response.Body)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(string(body)).To(ContainSubstring("AUTH_INVALID_TOKEN"))
	w.Expect(response.Header.Get("X-Content-Type-Options")).To(Equal("nosniff"))
	got := w.do(http.MethodGet, "/api/chat/connect", bearer("no.such.token"))
	w.Expect(got.refused().Code).To(Equal("AUTH_INVALID_TOKEN"), "without a handshake, too")
	w.Expect(chat.taken()[1].Header.Get("Authorization")).To(Equal("Bearer no.such.token"))
}

// Connections go to the replicas in turn.
func TestGateway_Connect_RoundRobin(t *testing.T) {
	one, two := newChatServer(t), newChatServer(t)

	w := newTestGateway(t, chatAt(one, two))
	for range 4 {
		w.connect("", nil)
	}

	w.Expect(one.taken()).To(HaveLen(2))
	w.Expect(two.taken()).To(HaveLen(2))
	one.refuse(http.StatusServiceUnavailable)

	for range 4 {
		w.connect("", nil)
	}

	w.Expect(two.taken()).To(HaveLen(6), "not to one that is about to stop")
	one.Close()

	for range 4 {
		w.connect("", nil)
	}

	two.refuse(http.StatusServiceUnavailable)

	_, response, err := w.dial("", nil)
	w.Expect(err).To(HaveOccurred())
	w.Expect(response.StatusCode).To(Equal(http.StatusServiceUnavailable))
	w.Expect(response.Header.Get("Retry-After")).NotTo(BeEmpty())
}

// A chat service that is away.
func TestGateway_Connect_Unavailable(t *testing.T) {
	chat := newChatServer(t)
	w := newTestGateway(t, chatAt(chat))
	chat.Close()

	got := w.do(http.MethodGet, "/api/chat/connect", nil)
	w.Expect(got.StatusCode).To(Equal(http.StatusServiceUnavailable))
	w.Expect(got.refused().Code).To(Equal("SERVICE_UNAVAILABLE"))
	w.Expect(got.Header.Get("Retry-After")).NotTo(BeEmpty())
}

// Both ends of a connection end together.
func TestGateway_Connect_Close(t *testing.T) {
	chat := newChatServer(t)
	w := newTestGateway(t, chatAt(chat))
	conn := w.connect("", nil)
	w.Eventually(w.openWebSockets).Should(BeEquivalentTo(1))
	w.Expect(conn.Close()).To(Succeed())
	w.Eventually(w.openWebSockets, "10s").Should(BeZero())
}

func (w *testGateway) openWebSockets() float64 {
	families, err := w.registry.Gather()
	w.Expect(err).NotTo(HaveOccurred())

	for _, family := range families {
		if family.GetName() == "shema_gateway_websockets" {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}

	return -1
}

// Tokens in the query are not logged.
func TestGateway_Connect_TokenNotLogged(t *testing.T) {
	var log lockedBuffer

	chat := newChatServer(t)
	w := newTestGateway(t, chatAt(chat), func(o *rest.Options) {
		o.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	w.connect("?token=a-secret-token", nil)
	chat.refuse(http.StatusUnauthorized)

	_, _, err := w.dial("?ticket=a-secret-ticket", nil)
	w.Expect(err).To(HaveOccurred())
	chat.Close()

	_, _, err = w.dial("?ticket=a-secret-ticket", nil)
	w.Expect(err).To(HaveOccurred())
	w.gateway.Close()
	// The first connection is told of when it has ended, which may be after the gateway has closed.
	w.Eventually(log.String).WithTimeout(5 * time.Second).Should(And(ContainSubstring(`"status":101`), ContainSubstring(`"status":401`), ContainSubstring(`"status":503`)))
	w.Expect(log.String()).NotTo(ContainSubstring("a-secret"))
}
