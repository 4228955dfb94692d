package rest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/request"
)

// What a service sees.
func TestGateway_Forward_RequestHeaders(t *testing.T) {
	w := newTestGateway(t)
	token := w.token(auth.Student)
	got := w.do("POST", "/api/bookings/create", header{
		"Authorization": "Bearer " + token, "Content-Type": "application/json", "Idempotency-Key": "k-1",
		"Accept-Language": "id", "X-Request-Id": "asked-for", "User-Agent": "a browser",
		"Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		// What follows would be believed if it got through.
		"Dapr-App-Id": apps.User, "Dapr-Api-Token": "forged", "Dapr-Caller-App-Id": apps.Booking,
		"X-Service-Token": "forged", "X-Client-Ip": "6.6.6.6", "X-Client-User-Agent": "forged", "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil",
		"X-Forwarded-Proto": "https", "Forwarded": "for=6.6.6.6", "X-Real-Ip": "6.6.6.6", "Cookie": "a=b",
		"Connection": "keep-alive, X-Hop", "X-Hop": "1", "Proxy-Authorization": "x", "Te": "trailers", "Upgrade": "h2c",
		"X-Http-Method-Override": "DELETE", "Metadata.user": "root", "Accept-Encoding": "br",
	}, `{"course_id":"x"}`)
	w.Expect(got.StatusCode).To(Equal(http.StatusOK))
	body := w.sidecar.bodies[0]
	seen := w.sidecar.taken()[0]
	w.Expect(seen.URL.RequestURI()).To(Equal("/api/bookings/create"))
	w.Expect(body).To(Equal(`{"course_id":"x"}`))

	want := map[string]string{
		"Dapr-App-Id": apps.Booking, "Dapr-Api-Token": daprToken, "Authorization": "Bearer " + token,
		"Content-Type": "application/json", "Content-Length": "17", "Idempotency-Key": "k-1", "Accept-Language": "id",
		"X-Request-Id": "asked-for", "X-Client-Ip": "127.0.0.1", "X-Client-User-Agent": "a browser",
		"User-Agent": "Go-http-client/1.1",
	}
	for name, value := range want {
		w.Expect(seen.Header.Get(name)).To(Equal(value), name)
	}

	w.Expect(seen.Header.Get("Traceparent")).To(HavePrefix("00-0af7651916cd43dd8448eb211c80319c-"))
	tokens, err := auth.NewServiceTokens(secret, apps.Booking, w.options.Clock)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(tokens.Verify(seen.Header.Get("X-Service-Token"))).To(Equal(apps.Gateway))

	for name := range seen.Header {
		w.Expect(want).To(Or(HaveKey(name), WithTransform(func(map[string]string) string { return name },
			BeElementOf("Traceparent", "X-Service-Token"))), "nothing else gets through")
	}

	w.Expect(got.Header.Get(request.HeaderID)).To(Equal("asked-for"))
	w.Expect(got.Header.Get("Traceparent")).To(HavePrefix("00-0af7651916cd43dd8448eb211c80319c-"))
	w.Expect(got.Header.Get("Cache-Control")).To(Equal("no-store"))
}

// A query is passed on as it was written.
func TestGateway_Forward_Query(t *testing.T) {
	w := newTestGateway(t)
	w.do("GET", "/api/bookings?status=pending&cursor=%2F%20+", bearer(w.token(auth.Student)))

	w.Expect(w.sidecar.taken()[0].URL.RequestURI()).To(Equal("/api/bookings?status=pending&cursor=%2F%20+"))
}

// What a caller sees.
func TestGateway_Forward_ResponseHeaders(t *testing.T) {
	w := newTestGateway(t)
	w.sidecar.set(func(s *sidecar) {
		s.answer = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Dapr-Secret", "x")
			rw.Header().Set("Server", "daprd")
			rw.Header().Set("Cache-Control", "public")
			rw.Header().Set("Access-Control-Allow-Origin", "*")
			rw.Header().Set("Set-Cookie", "a=b")
			writeJSON(rw, http.StatusCreated, `{"access_token":"x"}`)
		}
	})
	got := w.do("POST", "/api/auth/register", nil, "{}")
	w.Expect(got.StatusCode).To(Equal(http.StatusCreated))
	w.Expect(got.body).To(Equal(`{"access_token":"x"}`))
	w.Expect(got.Header.Get("Content-Type")).To(Equal("application/json; charset=utf-8"))
	w.Expect(got.Header.Get("Cache-Control")).To(Equal("no-store"), "it holds tokens")
	w.Expect(got.Header.Get("X-Content-Type-Options")).To(Equal("nosniff"))

	for _, name := range []string{"Dapr-Secret", "Server", "Access-Control-Allow-Origin", "Set-Cookie"} {
		w.Expect(got.Header).NotTo(HaveKey(name))
	}
}

// The clients address.
func TestGateway_Forward_ClientAddress(t *testing.T) {
	cases := []struct {
		reason, forwarded, want string
		trusted                 []string
	}{
		{"no proxy is trusted unless told so", "1.1.1.1", "127.0.0.1", nil},
		{"a trusted proxy says who it was", "1.1.1.1", "1.1.1.1", []string{"127.0.0.0/8"}},
		{"what stands further left the client wrote itself", "9.9.9.9, 1.1.1.1", "1.1.1.1", []string{"127.0.0.0/8"}},
		{"several proxies", "9.9.9.9, 1.1.1.1, 10.0.0.7", "1.1.1.1", []string{"127.0.0.0/8", "10.0.0.0/8"}},
		{"an untrusted peer", "1.1.1.1", "127.0.0.1", []string{"10.0.0.0/8"}},
		{"nonsense", "hello", "127.0.0.1", []string{"127.0.0.0/8"}},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			w := newTestGateway(t, trusting(c.trusted...))
			w.do("GET", "/api/users/me", header{
				"X-Forwarded-For": c.forwarded, "Authorization": "Bearer " + w.token(auth.Student),
			})
			w.Expect(w.sidecar.taken()[0].Header.Get("X-Client-Ip")).To(Equal(c.want))
		})
	}
}

func TestGateway_Forward_Bodies(t *testing.T) {
	const mebibyte = 1 << 20

	w := newTestGateway(t)

	post := func(size int, length bool) reply {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.gateway.URL+"/api/auth/login",
			io.LimitReader(endless{}, int64(size)))
		w.Expect(err).NotTo(HaveOccurred())

		if length {
			r.ContentLength = int64(size)
		}

		return w.send(r)
	}
	for _, length := range []bool{true, false} {
		w.Expect(post(mebibyte, length).StatusCode).To(Equal(http.StatusOK), fmt.Sprint("length known: ", length))
		w.Expect(w.sidecar.bodies[0]).To(HaveLen(mebibyte))
		w.sidecar.taken()

		got := post(mebibyte+1, length)
		w.Expect(got.StatusCode).To(Equal(http.StatusRequestEntityTooLarge), fmt.Sprint("length known: ", length))
		w.Expect(got.refused().Code).To(Equal("VALIDATION_TOO_LARGE"))
		w.Expect(w.sidecar.taken()).To(BeEmpty())
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}

	return len(p), nil
}

// A body that breaks off is no request.
func TestGateway_Forward_TruncatedBody(t *testing.T) {
	w := newTestGateway(t)
	connection, err := net.Dial("tcp", w.gateway.Listener.Addr().String())
	w.Expect(err).NotTo(HaveOccurred())
	_, err = io.WriteString(connection, "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(connection.(*net.TCPConn).CloseWrite()).To(Succeed())
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(response.StatusCode).To(BeNumerically(">=", http.StatusBadRequest))
	w.Expect(response.Body.Close()).To(Succeed())
	w.Expect(connection.Close()).To(Succeed())
	w.Expect(w.sidecar.taken()).To(BeEmpty())
}
