package socket_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/socket"
)

// echo answers every text with a frame around it, and closes with 4001 when it hears "end".
func echo(t *testing.T) (base string, asked <-chan *http.Request) {
	t.Helper()

	requests := make(chan *http.Request, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r

		if r.URL.Query().Get("token") == "bad" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"error":"no entry","code":"AUTH_INVALID_TOKEN","details":{}}`))
			return
		}

		upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}

		defer func() { _ = conn.Close() }()

		for {
			_, raw, err := conn.ReadMessage()
			switch {
			case err != nil:
				return
			case string(raw) == "end":
				_ = conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(4001, "expired"))
				return
			}

			_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"new_message","data":`+string(raw)+`}`))
		}
	}))
	t.Cleanup(server.Close)

	return server.URL, requests
}

func TestSocket_Receive_OrderAndEnd(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	base, _ := echo(t)
	conn, err := socket.Dial(t.Context(), base, nil)
	g.Expect(err).NotTo(HaveOccurred())

	l := socket.Listen(conn)
	g.Expect(l.CloseCode()).To(BeZero())
	g.Expect(l.Send(socket.Say("s", "1", "halo"))).To(Succeed())
	g.Expect(l.Send(`{"message": "as it is"}`)).To(Succeed())
	g.Expect(l.Send("end")).To(Succeed())

	for _, text := range []string{"halo", "as it is"} {
		f, err := l.Next(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(f.Data.Text).To(Equal(text))
	}

	_, err = l.Next(t.Context())
	code, reason := socket.CloseCode(err)
	g.Expect([]any{code, reason}).To(Equal([]any{4001, "expired"}))
	g.Expect(l.Heard()).To(HaveLen(2))
	g.Expect(l.Ended()).To(BeClosed())
}

func TestSocket_Await_LosesNothing(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	base, _ := echo(t)
	conn, err := socket.Dial(t.Context(), base, nil)
	g.Expect(err).NotTo(HaveOccurred())

	l := socket.Listen(conn)

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()

	_, err = l.Next(ctx)
	g.Expect(err).To(MatchError(context.DeadlineExceeded))
	g.Expect(l.Send(socket.Say("s", "1", "halo"))).To(Succeed())

	f, err := l.Next(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.Data).To(And(HaveField("SessionID", "s"), HaveField("ClientMsgID", "1")))

	l.Break()
	_, err = l.Next(t.Context())
	code, _ := socket.CloseCode(err)
	g.Expect(code).To(Equal(1006))
}

func TestSocket_Connect_WaysToSignIn(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	base, asked := echo(t)

	dialer := socket.Dialer{
		Base:          base,
		Header:        http.Header{"Origin": {"https://school.example"}},
		ReceiveBuffer: 4 << 10,
	}
	for _, auth := range []socket.Auth{socket.Bearer("a+b"), socket.Ticket("a+b"), socket.Token("a+b")} {
		conn, err := dialer.Dial(t.Context(), auth)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(conn.Leave()).To(Succeed())

		r := <-asked
		g.Expect(r.Header.Get("Authorization") + r.URL.Query().Get("ticket") + r.URL.Query().Get("token")).To(HaveSuffix("a+b"))
		g.Expect(r.Header.Get("Origin")).To(Equal("https://school.example"))
	}

	_, err := dialer.Dial(t.Context(), socket.Token("bad"))
	refused, ok := errors.AsType[*socket.RefusedError](err)
	g.Expect(ok).To(BeTrue(), "%v", err)
	g.Expect(refused.Answer.Status).To(Equal(401))
	g.Expect(refused.Answer.Code()).To(Equal("AUTH_INVALID_TOKEN"))

	_, err = socket.Dial(t.Context(), "http://127.0.0.1:1", nil)
	g.Expect(err).To(MatchError(ContainSubstring("connect to")))
}
