package httpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/httpserver"
)

const thing = "/api/things/0198f0a0-0000-7000-8000-000000000000"

// The document says who may call.
func TestServer_Callers(t *testing.T) {
	t.Parallel()

	f := newFixture(t)
	for name, tc := range map[string]struct {
		reason string
		call   call
		status int
		code   string
	}{
		"anyone": {"no security means anyone", call{method: "GET", path: "/api/things"}, 200, ""},
		"no sidecar": {"the sidecar's token is needed", call{
			method: "GET",
			path:   "/api/things",
			header: map[string]string{"dapr-api-token": ""},
		}, 403, "AUTH_FORBIDDEN"},
		"wrong sidecar": {"another token won't do", call{
			method: "GET",
			path:   "/api/things",
			header: map[string]string{"dapr-api-token": "x"},
		}, 403, "AUTH_FORBIDDEN"},
		"no service token": {"a service token is needed", call{
			method: "GET",
			path:   "/api/things",
			caller: unsigned,
		}, 403, "AUTH_FORBIDDEN"},
		"not the gateway": {"public operations are the gateway's", call{
			method: "GET",
			path:   "/api/things",
			caller: apps.Booking,
		}, 403, "AUTH_FORBIDDEN"},
		"internal": {"internal ones are the callers' that it names", call{
			method: "POST",
			path:   "/internal/things",
			caller: apps.Booking,
		}, 200, ""},
		"internal by other": {"not even the gateway", call{method: "POST", path: "/internal/things"}, 403, "AUTH_FORBIDDEN"},
		"signed out":        {"security needs a token", call{method: "GET", path: thing}, 401, "AUTH_MISSING_TOKEN"},
		"basic": {"of the bearer kind", call{
			method: "GET",
			path:   thing,
			header: map[string]string{"Authorization": "Basic eDp5"},
		}, 401, "AUTH_INVALID_TOKEN"},
		"forged": {"and ours", call{
			method: "GET",
			path:   thing,
			header: map[string]string{"Authorization": "Bearer x.y.z"},
		}, 401, "AUTH_INVALID_TOKEN"},
		"any role": {"without x-roles every role will do", call{
			method: "GET",
			path:   thing,
			role:   auth.Student,
		}, 200, ""},
		"wrong role": {"with x-roles only those", call{
			method: "DELETE",
			path:   thing,
			role:   auth.Teacher,
		}, 403, "AUTH_FORBIDDEN"},
		"right role": {"such as this one", call{
			method: "DELETE",
			path:   thing,
			role:   auth.Admin,
		}, 200, ""},
		"unknown path":       {"nothing there", call{method: "GET", path: "/api/nothing"}, 404, "NOT_FOUND"},
		"unknown method":     {"known path, other method", call{method: "PUT", path: "/api/things"}, 405, "METHOD_NOT_ALLOWED"},
		"trailing slash":     {"no redirects", call{method: "GET", path: "/api/things/"}, 404, "NOT_FOUND"},
		"not in document":    {"a handler that the document does not name does not exist", call{method: "GET", path: "/api/forgotten"}, 404, "NOT_FOUND"},
		"encoded slash":      {"refused before anything else", call{method: "GET", path: "/api/things%2f1"}, 404, "NOT_FOUND"},
		"encoded dots":       {"likewise", call{method: "GET", path: "/api/%2e%2e/things"}, 404, "NOT_FOUND"},
		"encoded backslash":  {"likewise", call{method: "GET", path: "/api%5cthings"}, 404, "NOT_FOUND"},
		"doubly encoded":     {"likewise", call{method: "GET", path: "/api/things/%252f"}, 404, "NOT_FOUND"},
		"dot segment":        {"likewise", call{method: "GET", path: "/api/./things"}, 404, "NOT_FOUND"},
		"auth before fields": {"who may not call learns nothing about fields", call{method: "GET", path: "/api/things/1"}, 401, "AUTH_MISSING_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			a := f.do(t, tc.call)
			g.Expect(a.Result().StatusCode).To(Equal(tc.status), tc.reason)
			g.Expect(a.Code).To(Equal(tc.code), tc.reason)

			if tc.status >= http.StatusBadRequest {
				g.Expect(a.Details).NotTo(BeNil(), "details are always an object")
			}

			g.Expect(a.Header().Get("X-Content-Type-Options")).To(Equal("nosniff"))
		})
	}
}

// A panic is answered with INTERNAL.
func TestServer_Panic(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	a := f.do(t, call{method: http.MethodGet, path: "/api/panic"})
	g.Expect(a.Result().StatusCode).To(Equal(http.StatusInternalServerError))
	g.Expect(a.Code).To(Equal("INTERNAL"))
	g.Expect(a.Body.String()).NotTo(ContainSubstring("secret"))
	g.Expect(f.logs.String()).To(ContainSubstring("secret detail"))
}

// Requests end in time.
func TestServer_RequestTimeout(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t, func(o *httpserver.Options) { o.RequestTimeout = 20 * time.Millisecond })
	a := f.do(t, call{method: http.MethodGet, path: "/api/slow"})
	g.Expect(a.Result().StatusCode).To(Equal(http.StatusServiceUnavailable))
	g.Expect(a.Code).To(Equal("SERVICE_UNAVAILABLE"))
	g.Expect(a.Header().Get("Retry-After")).To(Equal("2"))
}

// IDs of requests are echoed and logged.
func TestServer_RequestIDs(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)

	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

	a := f.do(t, call{
		method: http.MethodGet,
		path:   "/api/things?token=secret",
		header: map[string]string{"X-Request-Id": "abc-1", "traceparent": parent},
	})
	g.Expect(a.Header().Get("X-Request-Id")).To(Equal("abc-1"))
	g.Expect(a.Header().Get("Traceparent")).To(HavePrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-"))
	g.Expect(f.logs.String()).NotTo(ContainSubstring("secret"), "queries may hold tokens")

	a = f.do(t, call{
		method: http.MethodGet,
		path:   "/api/things",
		header: map[string]string{"X-Request-Id": "bad id\x01"},
	})
	g.Expect(a.Header().Get("X-Request-Id")).To(HaveLen(36))
	g.Expect(a.Header().Get("Traceparent")).To(MatchRegexp(`^00-[0-9a-f]{32}-[0-9a-f]{16}-00$`))
}

// A public server knows the address of its client.
func TestServer_ClientAddress(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		reason, forwarded, want string
		trusted                 []netip.Prefix
	}{
		"no proxy trusted": {reason: "any client can write the header", forwarded: "1.2.3.4", want: "192.0.2.1"},
		"proxy trusted": {
			reason:    "the proxy saw it",
			forwarded: "1.2.3.4",
			want:      "1.2.3.4",
			trusted:   []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		},
		"forged before": {
			reason:    "what the client wrote stands further left",
			forwarded: "6.6.6.6, 1.2.3.4",
			want:      "1.2.3.4",
			trusted:   []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		},
		"garbage": {
			reason:    "what is no address ends the walk",
			forwarded: "x",
			want:      "192.0.2.1",
			trusted:   []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			var seen string

			f := newFixture(t, func(o *httpserver.Options) {
				o.Public, o.ServiceTokens, o.TrustedProxies = true, nil, tc.trusted
				o.Admit = []gin.HandlerFunc{func(c *gin.Context) { seen = httpserver.ClientIP(c.Request.Context()) }}
			})
			a := f.do(t, call{
				method: http.MethodGet,
				path:   "/api/things",
				caller: unsigned,
				header: map[string]string{
					"dapr-api-token": "", "X-Forwarded-For": tc.forwarded, "X-Client-Ip": "9.9.9.9",
				},
			})
			g.Expect(a.Result().StatusCode).To(Equal(http.StatusOK), "a public server asks no sidecar")
			g.Expect(seen).To(Equal(tc.want), tc.reason)
		})
	}
}

// A public server sees the person's User-Agent, others are told it: theirs is the sidecar's.
func TestServer_UserAgent(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		reason string
		public bool
		header map[string]string
		want   string
	}{
		{"a browser", true, map[string]string{"User-Agent": "browser", "X-Client-User-Agent": "forged"}, "browser"},
		{"a program that does not say what it is", true, map[string]string{"X-Client-User-Agent": "forged"}, ""},
		{"behind the gateway", false, map[string]string{"User-Agent": "Go-http-client/1.1", "X-Client-User-Agent": "browser"}, "browser"},
		{"behind the gateway, of such a program", false, map[string]string{"User-Agent": "Go-http-client/1.1"}, ""},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()

			seen := "nothing"

			f := newFixture(t, func(o *httpserver.Options) {
				o.Public = c.public
				o.Admit = []gin.HandlerFunc{func(g *gin.Context) { seen = httpserver.UserAgent(g.Request.Context()) }}
			})
			f.do(t, call{method: http.MethodGet, path: "/api/things", header: c.header})
			NewWithT(t).Expect(seen).To(Equal(c.want))
		})
	}
}

// A public server has no internal operations.
func TestServer_Public_InternalOperations(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t, func(o *httpserver.Options) { o.Public = true })
	a := f.do(t, call{method: http.MethodPost, path: "/internal/things", caller: apps.Booking})
	g.Expect(a.Result().StatusCode).To(Equal(http.StatusNotFound))
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	ready := errors.New("no database at 10.0.0.5")
	f := newFixture(t, func(o *httpserver.Options) { o.Ready = func(context.Context) error { return ready } })
	ask := func(path string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
		g.Expect(err).NotTo(HaveOccurred())

		return serve(f, r)
	}
	g.Expect(ask("/healthz").StatusCode).To(Equal(http.StatusOK))

	answer := ask("/readyz")
	g.Expect(answer.StatusCode).To(Equal(http.StatusServiceUnavailable))

	body, _ := io.ReadAll(answer.Body)
	g.Expect(string(body)).NotTo(ContainSubstring("10.0.0.5"))

	ready = nil

	g.Expect(ask("/readyz").StatusCode).To(Equal(http.StatusOK))
}

// Routes from Dapr need the sidecar's token.
func TestServer_FromDapr_SidecarToken(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	f.server.FromDapr(http.MethodPost, "/dapr/bindings/x", func(c *gin.Context) { c.Status(http.StatusOK) })
	a := f.do(t, call{method: http.MethodPost, path: "/dapr/bindings/x", caller: unsigned})
	g.Expect(a.Result().StatusCode).To(Equal(http.StatusOK))

	a = f.do(t, call{
		method: http.MethodPost,
		path:   "/dapr/bindings/x",
		header: map[string]string{"dapr-api-token": ""},
	})
	g.Expect(a.Code).To(Equal("AUTH_FORBIDDEN"))
}

// A public server hides its routes from Dapr.
func TestServer_Public_RoutesFromDapr(t *testing.T) {
	t.Parallel()

	for name, token := range map[string]string{"with a token": appToken, "even without one": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			f := newFixture(t, func(o *httpserver.Options) { o.Public, o.Common.AppAPIToken = true, token })
			f.server.FromDapr(http.MethodPost, "/dapr/events/x", func(c *gin.Context) { c.Status(http.StatusOK) })
			a := f.do(t, call{
				method: http.MethodPost,
				path:   "/dapr/events/x",
				header: map[string]string{"dapr-api-token": ""},
			})
			g.Expect(a.Code).To(Equal("NOT_FOUND"))
		})
	}
}

// A server without what it needs is refused.
func TestNew_MissingOptions(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	_, err := httpserver.New(httpserver.Options{Spec: spec(t)})
	g.Expect(err).To(HaveOccurred(), "without a log")

	_, err = httpserver.New(httpserver.Options{Spec: spec(t), Log: logger()})
	g.Expect(err).To(MatchError(ContainSubstring("ServiceTokens")))

	_ = f
}

// A server that is told to stop answers the requests that it has taken.
func TestServer_Run_StopsGracefully(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	common := config.Common{
		AppAPIToken:     appToken,
		ListenHost:      "127.0.0.1",
		Port:            freePort(t),
		MetricsPort:     freePort(t),
		ShutdownTimeout: 5 * time.Second,
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	f := newFixture(t, func(o *httpserver.Options) { o.Common = common })
	f.server.Open(http.MethodGet, "/wait", func(c *gin.Context) {
		close(entered)
		<-leave
		c.String(http.StatusOK, "done")
	})

	ctx, stop := context.WithCancel(t.Context())

	done := make(chan error, 1)
	go func() { done <- f.server.Run(ctx) }()

	base := "http://" + common.Address()
	g.Eventually(func() error { return get(t, base+"/healthz", nil) }).Should(Succeed())

	var metrics bytes.Buffer
	g.Expect(get(t, "http://"+common.MetricsAddress()+"/metrics", &metrics)).To(Succeed())
	g.Expect(metrics.String()).To(ContainSubstring("shema_http_request_duration_seconds"))

	g.Expect(answerTo(t, common.Address(), "no HTTP\r\n\r\n")).To(And(
		HavePrefix("HTTP/1.1 400 "), ContainSubstring(`"code":"VALIDATION_MALFORMED_REQUEST"`)), "net/http's own refusals have our shape")

	running := make(chan error, 1)
	go func() { running <- get(t, base+"/wait", nil) }()

	<-entered
	stop()
	g.Eventually(func() error { return get(t, base+"/healthz", nil) }).ShouldNot(Succeed(), "no new connections")
	g.Consistently(done, "50ms").ShouldNot(Receive(), "the running request is waited for")

	close(leave)
	g.Expect(<-running).To(Succeed(), "and gets its answer")
	g.Expect(<-done).To(Succeed())
}

// answerTo sends bytes and returns what comes back.
func answerTo(t *testing.T, address, request string) string {
	t.Helper()
	g := NewWithT(t)

	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = connection.Close() }()

	_, err = io.WriteString(connection, request)
	g.Expect(err).NotTo(HaveOccurred())

	answer, err := io.ReadAll(connection)
	g.Expect(err).NotTo(HaveOccurred())

	return string(answer)
}

// The error says which port is taken.
func TestServer_Run_PortTaken(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = listener.Close() }()

	address, _ := listener.Addr().(*net.TCPAddr)
	f := newFixture(t, func(o *httpserver.Options) {
		o.Common.ListenHost, o.Common.Port = "127.0.0.1", address.Port
	})
	g.Expect(f.server.Run(t.Context())).To(MatchError(And(ContainSubstring("taken"), ContainSubstring("PORT"))))
}

type strict struct {
	RequestErrorHandlerFunc  func(ctx *gin.Context, err error)
	HandlerErrorFunc         func(ctx *gin.Context, err error)
	ResponseErrorHandlerFunc func(ctx *gin.Context, err error)
}

type middleware func(*gin.Context)

type ginOptions struct {
	BaseURL      string
	Middlewares  []middleware
	ErrorHandler func(*gin.Context, error, int)
}

// Generated code never shows its errors.
func TestStrictOptions_HidesErrors(t *testing.T) {
	t.Parallel()

	hooks := httpserver.StrictOptions[strict]()

	bind := httpserver.GinOptions[ginOptions]()
	for name, tc := range map[string]struct {
		hook func(*gin.Context, error)
		code string
	}{
		"request":  {hooks.RequestErrorHandlerFunc, "VALIDATION_MALFORMED_JSON"},
		"handler":  {hooks.HandlerErrorFunc, "INTERNAL"},
		"response": {hooks.ResponseErrorHandlerFunc, "INTERNAL"},
		"bind":     {func(c *gin.Context, err error) { bind.ErrorHandler(c, err, 400) }, "VALIDATION_FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			f := newFixture(t)
			f.server.Open(http.MethodGet, "/hook", func(c *gin.Context) { tc.hook(c, errors.New("internals")) })
			a := f.do(t, call{method: http.MethodGet, path: "/hook"})
			g.Expect(a.Code).To(Equal(tc.code))
			g.Expect(a.Body.String()).NotTo(ContainSubstring("internals"))
		})
	}
}

// Failures are logged with their cause.
func TestFail_LogsCause(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	f := newFixture(t)
	f.server.Open(http.MethodGet, "/broken", func(c *gin.Context) { httpserver.Fail(c, errors.New("the cause")) })
	f.do(t, call{method: http.MethodGet, path: "/broken"})

	var line map[string]any
	g.Expect(json.NewDecoder(strings.NewReader(f.logs.String())).Decode(&line)).To(Succeed())
	g.Expect(line).To(And(HaveKeyWithValue("level", "ERROR"), HaveKeyWithValue("error", ContainSubstring("the cause"))))
}
