package rest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/kit/auth"
)

func TestWhatAServiceSees(t *testing.T) {
	w := newWorld(t)
	token := w.token(auth.Student)
	got := w.do("POST", "/api/bookings/create?a=1&b=%2F", header{
		"Authorization": "Bearer " + token, "Content-Type": "application/json", "Idempotency-Key": "k-1",
		"Accept-Language": "id", "X-Request-Id": "asked-for", "User-Agent": "a browser",
		"Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		// What follows would be believed if it got through.
		"Dapr-App-Id": "user-service", "Dapr-Api-Token": "forged", "Dapr-Caller-App-Id": "booking-service",
		"X-Service-Token": "forged", "X-Client-Ip": "6.6.6.6", "X-Client-User-Agent": "forged", "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil",
		"X-Forwarded-Proto": "https", "Forwarded": "for=6.6.6.6", "X-Real-Ip": "6.6.6.6", "Cookie": "a=b",
		"Connection": "keep-alive, X-Hop", "X-Hop": "1", "Proxy-Authorization": "x", "Te": "trailers", "Upgrade": "h2c",
		"X-Http-Method-Override": "DELETE", "Metadata.user": "root", "Accept-Encoding": "br",
	}, `{"course_id":"x"}`)
	w.Expect(got.StatusCode).To(Equal(http.StatusOK))
	body := w.sidecar.bodies[0]
	seen := w.sidecar.taken()[0]
	w.Expect(seen.URL.RequestURI()).To(Equal("/api/bookings/create?a=1&b=%2F"))
	w.Expect(body).To(Equal(`{"course_id":"x"}`))

	want := map[string]string{
		"Dapr-App-Id": "booking-service", "Dapr-Api-Token": daprToken, "Authorization": "Bearer " + token,
		"Content-Type": "application/json", "Content-Length": "17", "Idempotency-Key": "k-1", "Accept-Language": "id",
		"X-Request-Id": "asked-for", "X-Client-Ip": "127.0.0.1", "X-Client-User-Agent": "a browser",
		"User-Agent": "Go-http-client/1.1",
	}
	for name, value := range want {
		w.Expect(seen.Header.Get(name)).To(Equal(value), name)
	}
	w.Expect(seen.Header.Get("Traceparent")).To(HavePrefix("00-0af7651916cd43dd8448eb211c80319c-"))
	tokens, err := auth.NewServiceTokens(secret, "booking-service", w.options.Clock)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(tokens.Verify(seen.Header.Get("X-Service-Token"))).To(Equal("api-gateway"))
	for name := range seen.Header {
		w.Expect(want).To(Or(HaveKey(name), WithTransform(func(map[string]string) string { return name },
			BeElementOf("Traceparent", "X-Service-Token"))), "nothing else gets through")
	}

	w.Expect(got.Header.Get("X-Request-Id")).To(Equal("asked-for"))
	w.Expect(got.Header.Get("Traceparent")).To(HavePrefix("00-0af7651916cd43dd8448eb211c80319c-"))
	w.Expect(got.Header.Get("Cache-Control")).To(Equal("no-store"))
}

func TestWhatACallerSees(t *testing.T) {
	w := newWorld(t)
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

func TestTheClientsAddress(t *testing.T) {
	cases := []struct {
		reason, forwarded, want string
		trusted                 []string
	}{
		{"nobody is trusted unless told so", "1.1.1.1", "127.0.0.1", nil},
		{"a trusted proxy says who it was", "1.1.1.1", "1.1.1.1", []string{"127.0.0.0/8"}},
		{"what stands further left the client wrote itself", "9.9.9.9, 1.1.1.1", "1.1.1.1", []string{"127.0.0.0/8"}},
		{"several proxies", "9.9.9.9, 1.1.1.1, 10.0.0.7", "1.1.1.1", []string{"127.0.0.0/8", "10.0.0.0/8"}},
		{"an untrusted peer", "1.1.1.1", "127.0.0.1", []string{"10.0.0.0/8"}},
		{"nonsense", "hello", "127.0.0.1", []string{"127.0.0.0/8"}},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			w := newWorld(t, trusting(c.trusted...))
			w.do("GET", "/api/users/me", header{
				"X-Forwarded-For": c.forwarded, "Authorization": "Bearer " + w.token(auth.Student),
			})
			w.Expect(w.sidecar.taken()[0].Header.Get("X-Client-Ip")).To(Equal(c.want))
		})
	}
}

func TestRefusalsAndOutages(t *testing.T) {
	cases := []struct {
		reason string
		answer http.HandlerFunc
		status int
		code   string
		retry  string
	}{
		{
			"a service's own refusal passes as it is", replies(409, `{"error":"Taken.","code":"BOOKING_INVALID_SLOTS","details":{"x":1}}`, "", ""),
			409, "BOOKING_INVALID_SLOTS", "",
		},
		{
			"with when to come again", replies(429, `{"error":"Locked.","code":"AUTH_LOCKED","details":{}}`, "Retry-After", "900"),
			429, "AUTH_LOCKED", "900",
		},
		{
			"a service whose database is down", replies(503, `{"error":"Later.","code":"SERVICE_UNAVAILABLE","details":{}}`, "", ""),
			503, "SERVICE_UNAVAILABLE", "2",
		},
		{
			"Dapr does not reach the service", replies(500, `{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke, id: booking-service"}`, "", ""),
			503, "SERVICE_UNAVAILABLE", "2",
		},
		{
			"Dapr forbids it", replies(403, `{"errorCode":"ERR_PERMISSION_DENIED","message":"access control policy"}`, "", ""),
			503, "SERVICE_UNAVAILABLE", "2",
		},
		{"a proxy in between", replies(502, `<html>Bad gateway</html>`, "", ""), 503, "SERVICE_UNAVAILABLE", "2"},
		{"half a refusal", replies(500, `{"error":"pq: password","code":"X"}`, "", ""), 503, "SERVICE_UNAVAILABLE", "2"},
		{"somebody else's 404", replies(404, `404 page not found`, "", ""), 500, "INTERNAL", ""},
		{"a connection that breaks", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 503, "SERVICE_UNAVAILABLE", "2"},
		{"a refusal that breaks off", breaksOff(409), 503, "SERVICE_UNAVAILABLE", "2"},
	}
	w := newWorld(t)
	for _, c := range cases {
		for method, target := range map[string]string{"POST": "/api/bookings/create", "GET": "/api/courses"} {
			t.Run(c.reason+" "+target, func(t *testing.T) {
				g := NewWithT(t)
				w.sidecar.set(func(s *sidecar) { s.answer = c.answer })
				got := w.do(method, target, bearer(w.token(auth.Student)))
				g.Expect(got.StatusCode).To(Equal(c.status))
				g.Expect(got.refused().Code).To(Equal(c.code))
				g.Expect(got.body).NotTo(ContainSubstring("pq:"))
				g.Expect(got.body).NotTo(ContainSubstring("invoke"))
				g.Expect(got.Header.Get("Cache-Control")).To(Equal("no-store"))
				if c.retry != "" && method == "POST" {
					g.Expect(got.Header.Get("Retry-After")).To(Equal(c.retry))
				}
			})
		}
	}
}

func replies(status int, body, name, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if name != "" {
			w.Header().Set(name, value)
		}
		writeJSON(w, status, body)
	}
}

// breaksOff promises more than it sends.
func breaksOff(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"error":`)
	}
}

func TestAnAnswerThatBreaksOffDoesNotLookWhole(t *testing.T) {
	w := newWorld(t)
	w.sidecar.set(func(s *sidecar) { s.answer = breaksOff(http.StatusOK) })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.gateway.URL+"/api/users/me", http.NoBody)
	w.Expect(err).NotTo(HaveOccurred())
	r.Header.Set("Authorization", "Bearer "+w.token(auth.Student))
	response, err := w.gateway.Client().Do(r)
	if err == nil {
		defer func() { _ = response.Body.Close() }()
		_, err = io.ReadAll(response.Body)
	}
	w.Expect(err).To(HaveOccurred())
}

func TestNoSidecar(t *testing.T) {
	w := newWorld(t)
	token := w.token(auth.Student)
	w.sidecar.CloseClientConnections()
	w.sidecar.Close()
	for _, target := range []string{"/api/courses", "/api/users/me", "/api/auth/.well-known/jwks.json"} {
		got := w.do("GET", target, bearer(token))
		w.Expect(got.StatusCode).To(Equal(http.StatusServiceUnavailable))
		w.Expect(got.refused().Code).To(Equal("SERVICE_UNAVAILABLE"))
		w.Expect(got.Header.Get("Retry-After")).To(Equal("2"))
	}
	w.Expect(w.get("/readyz").StatusCode).To(Equal(http.StatusServiceUnavailable))
	w.Expect(w.get("/healthz").StatusCode).To(Equal(http.StatusOK), "nothing would get better by a restart")
}

func TestAHangingSidecarIsGivenUpWithinFiveSeconds(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	cases := []struct {
		reason, target string
		change         func(*sidecar)
	}{
		{"a service hangs", "/api/users/me", func(s *sidecar) { s.answer = hang }},
		{"a public read hangs", "/api/courses", func(s *sidecar) { s.answer = hang }},
		{"the auth service and another one hang", "/api/users/me", func(s *sidecar) { s.answer, s.sessions = hang, hang }},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sidecar.set(c.change)
			started := time.Now()
			got := w.do("GET", c.target, bearer(w.token(auth.Student)))
			w.Expect(time.Since(started)).To(BeNumerically("<", 5*time.Second))
			w.Expect(got.StatusCode).To(Equal(http.StatusServiceUnavailable))
			w.Expect(got.refused().Code).To(Equal("SERVICE_UNAVAILABLE"))
		})
	}
}

func TestBodies(t *testing.T) {
	const mebibyte = 1 << 20
	w := newWorld(t)
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

func TestABodyThatBreaksOffIsNoRequest(t *testing.T) {
	w := newWorld(t)
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

func TestLanguage(t *testing.T) {
	w := newWorld(t)
	got := w.do("GET", "/api/users/me", header{"Accept-Language": "id-ID,id;q=0.9,en;q=0.5"})
	w.Expect(got.refused().Error).To(Equal("Silakan masuk terlebih dahulu."))
	w.Expect(w.get("/api/users/me").refused().Error).To(Equal("Please sign in first."))
}

func TestLimits(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.SignInsPerSecond, o.RequestsPerSecond = 2, 4 })
	count := func(method, target string, tries int) (allowed int) {
		for range tries {
			got := w.do(method, target, header{"Origin": page})
			if got.StatusCode == http.StatusTooManyRequests {
				w.Expect(got.refused().Code).To(Equal("RATE_LIMITED"))
				w.Expect(got.Header.Get("Retry-After")).To(Equal("1"))
				w.Expect(got.Header.Get("Access-Control-Allow-Origin")).To(Equal(page))
				continue
			}
			allowed++
		}
		return allowed
	}
	w.Expect(count("POST", "/api/auth/login", 5)).To(Equal(2))
	w.Expect(count("POST", "/api/auth/register", 2)).To(Equal(0), "both ways to sign in count together")
	w.Expect(count("GET", "/api/nothing", 10)).To(Equal(4), "they have a limit of their own; guessing paths is counted too")
	w.Expect(count("GET", "/healthz", 20)).To(Equal(20))
	w.Expect(count("GET", "/readyz", 20)).To(Equal(20))
	w.Eventually(func() int { return w.get("/api/courses").StatusCode }).Should(Equal(http.StatusOK))
}

func TestLimitsCountTheClientBehindATrustedProxy(t *testing.T) {
	w := newWorld(t, trusting("127.0.0.0/8"), func(o *rest.Options) { o.RequestsPerSecond = 1 })
	ask := func(client string) int {
		return w.do("GET", "/api/courses", header{"X-Forwarded-For": client}).StatusCode
	}
	w.Expect(ask("1.1.1.1")).To(Equal(http.StatusOK))
	w.Expect(ask("1.1.1.1")).To(Equal(http.StatusTooManyRequests))
	w.Expect(ask("1.1.1.2")).To(Equal(http.StatusOK))
	w.Expect(ask("2001:db8::1")).To(Equal(http.StatusOK))
	w.Expect(ask("2001:db8::2")).To(Equal(http.StatusTooManyRequests))
}

func TestPreflight(t *testing.T) {
	w := newWorld(t)
	ask := func(origin, target string) reply {
		return w.do("OPTIONS", target, header{"Origin": origin, "Access-Control-Request-Method": "POST"})
	}
	got := ask(page, "/api/bookings/create")
	w.Expect(got.StatusCode).To(Equal(http.StatusNoContent))
	w.Expect(got.Header.Get("Access-Control-Allow-Methods")).To(Equal("POST"))
	w.Expect(got.Header.Get("Access-Control-Allow-Origin")).To(Equal(page))
	w.Expect(got.Header.Get("Access-Control-Allow-Credentials")).To(Equal("true"))
	w.Expect(strings.Split(got.Header.Get("Vary"), ", ")).To(ContainElement("Origin"))

	got = ask("http://evil.example", "/api/bookings/create")
	w.Expect(got.StatusCode).To(Equal(http.StatusMethodNotAllowed))
	w.Expect(got.Header).NotTo(HaveKey("Access-Control-Allow-Origin"))
	w.Expect(got.Header.Get("Vary")).To(Equal("Origin"))
	w.Expect(ask(page, "/api/nothing").StatusCode).To(Equal(http.StatusNotFound))
}

func TestDocumentation(t *testing.T) {
	w := newWorld(t)
	document := w.get("/openapi.yaml")
	w.Expect(document.StatusCode).To(Equal(http.StatusOK))
	w.Expect(document.body).To(ContainSubstring("openapi: 3.1.0"))
	w.Expect(document.Header.Get("Content-Type")).To(Equal("application/yaml"))
	w.Expect(w.do("GET", "/openapi.yaml", header{"If-None-Match": document.Header.Get("ETag")}).StatusCode).
		To(Equal(http.StatusNotModified))

	got := w.get("/docs")
	w.Expect(got.Header.Get("Content-Security-Policy")).To(ContainSubstring("default-src 'none'"))
	w.Expect(got.body).NotTo(MatchRegexp(`(src|href)="https?:`), "nothing is loaded from elsewhere")
	for _, file := range []string{"/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/start.js"} {
		w.Expect(got.body).To(ContainSubstring(`"` + file + `"`))
		w.Expect(w.get(file).StatusCode).To(Equal(http.StatusOK))
	}
	w.Expect(w.get("/docs/docs.go").StatusCode).To(Equal(http.StatusNotFound))
}
