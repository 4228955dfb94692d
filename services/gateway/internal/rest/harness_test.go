package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/shema-music/shema/services/contracts/apps"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
	gatewayhttp "github.com/shema-music/shema/services/contracts/gateway/http"
	"github.com/shema-music/shema/services/gateway/internal/docs"
	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/gateway/internal/writebuffer"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/protocolerror"
	"github.com/shema-music/shema/services/kit/servertest"
)

const (
	secret    = "a secret of at least thirty-two bytes"
	appToken  = "what-the-sidecar-sends-us"
	daprToken = "what-we-send-the-sidecar"
	page      = "http://localhost:5173"
)

// sidecar stands for daprd and the services behind it.
type sidecar struct {
	*httptest.Server

	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
	// answer replies to everything but questions about sessions, which sessions answers.
	answer, sessions http.HandlerFunc
	// unknown is a path that the service does not know.
	unknown string
	// hasStats says that there is a Course of the name stats.
	hasStats bool
}

func newSidecar(t testing.TB) *sidecar {
	s := &sidecar{
		answer:   func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, `{"items":[]}`) },
		sessions: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})

	return s
}

func (s *sidecar) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1.0/healthz/outbound" {
		w.WriteHeader(http.StatusNoContent)
		return
	}

	s.mu.Lock()

	answer := s.answer
	if r.URL.Path == "/api/courses/name:stats" && !s.hasStats {
		s.mu.Unlock()
		writeJSON(w, http.StatusNotFound, `{"error":"There is none.","code":"COURSE_NOT_FOUND","details":{}}`)

		return
	}

	if strings.HasPrefix(r.URL.Path, "/internal/users/") {
		answer = s.sessions
		s.mu.Unlock()
		answer(w, r)

		return
	}

	sessions, unknown := s.sessions, s.unknown
	s.mu.Unlock()

	if r.URL.Path == unknown {
		writeJSON(w, http.StatusNotFound, `{"error":"There is nothing here.","code":"NOT_FOUND","details":{}}`)
		return
	}

	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // The caller broke off.
	}

	if r.URL.Path == "/internal/sessions/states" {
		answerAll(w, r, body, sessions)
		return
	}

	s.mu.Lock()
	s.requests = append(s.requests, r)
	s.bodies = append(s.bodies, string(body))
	s.mu.Unlock()
	answer(w, r)
}

// answerAll answers a question about several sessions as one is answers those about each.
func answerAll(w http.ResponseWriter, r *http.Request, body []byte, one http.HandlerFunc) {
	var refs authhttp.SessionRefs
	if err := json.Unmarshal(body, &refs); err != nil {
		writeJSON(w, http.StatusBadRequest, `{}`)
		return
	}

	answer := authhttp.SessionStates{Sessions: []authhttp.SessionState{}}

	for _, ref := range refs.Sessions {
		asked := r.Clone(r.Context())
		asked.URL.Path = "/internal/users/" + ref.UserId.String() + "/sessions/" + ref.SessionId.String()

		said := httptest.NewRecorder()
		one(said, asked)

		if said.Code < http.StatusInternalServerError {
			state := authhttp.SessionState{UserId: ref.UserId, SessionId: ref.SessionId, Open: said.Code == http.StatusNoContent}
			answer.Sessions = append(answer.Sessions, state)
		}
	}

	content, _ := json.Marshal(answer)
	writeJSON(w, http.StatusOK, string(content))
}

// set changes what the services answer.
func (s *sidecar) set(change func(*sidecar)) {
	s.mu.Lock()
	defer s.mu.Unlock()

	change(s)
}

// taken returns the requests so far and forgets them.
func (s *sidecar) taken() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()

	requests := s.requests
	s.requests, s.bodies = nil, nil

	return requests
}

// testGateway is a gateway with everything around it.
type testGateway struct {
	*WithT

	t        testing.TB
	sidecar  *sidecar
	gateway  *httptest.Server
	signer   *auth.Signer
	options  rest.Options
	registry *prometheus.Registry
}

func newTestGateway(t testing.TB, change ...func(*rest.Options)) *testGateway {
	w := &testGateway{WithT: NewWithT(t), t: t, sidecar: newSidecar(t)}
	address, err := url.Parse(w.sidecar.URL)
	w.Expect(err).NotTo(HaveOccurred())
	port, err := strconv.Atoi(address.Port())
	w.Expect(err).NotTo(HaveOccurred())

	common := config.Common{
		AppID:        apps.Gateway,
		AppAPIToken:  appToken,
		DaprAPIToken: daprToken,
		DaprHTTPPort: port,

		ServiceJWTSecret: secret,
	}
	keys := servertest.NewKeys(t)
	w.signer = keys.Signer
	tokens, err := auth.NewServiceTokens(secret, apps.Gateway, clock.System{})
	w.Expect(err).NotTo(HaveOccurred())
	apps, err := dapr.NewSidecar(common, tokens)
	w.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(apps.Close)

	w.options = rest.Options{
		Common:   common,
		Log:      slog.New(slog.DiscardHandler),
		Clock:    clock.System{},
		Verifier: keys.Verifier,
		Documents: docs.Documents{
			OpenAPI:     gatewayhttp.Document,
			OpenAPIJSON: gatewayhttp.DocumentJSON,
			AsyncAPI:    gatewayhttp.ChatDocument,
		},
		Apps:           apps,
		Ready:          apps.Healthy,
		AllowedOrigins: []string{page},
		CacheTTL:       900 * time.Millisecond,
		SessionTTL:     500 * time.Millisecond,
	}
	for _, c := range change {
		c(&w.options)
	}

	server, err := rest.New(w.options)
	w.Expect(err).NotTo(HaveOccurred())
	w.registry = server.Registry()
	w.gateway = httptest.NewUnstartedServer(server.Handler())
	w.gateway.Listener = writebuffer.Listener(protocolerror.Listener(w.gateway.Listener))
	w.gateway.Config.ConnContext = writebuffer.ConnContext
	w.gateway.Start()
	t.Cleanup(w.gateway.Close)

	return w
}

// token returns an access token of a new session.
func (w *testGateway) token(role auth.Role) string {
	return w.tokenFor(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: role})
}

func (w *testGateway) tokenFor(p auth.Principal) string {
	token, err := w.signer.Sign(p)
	w.Expect(err).NotTo(HaveOccurred())
	return token
}

// reply is an answer that has been read.
type reply struct {
	*http.Response

	body string
}

// refused returns the contract's error, or nothing where the answer is none.
func (r reply) refused() errs.Body {
	var body errs.Body
	if json.Unmarshal([]byte(r.body), &body) != nil || body.Details == nil {
		return errs.Body{}
	}

	return body
}

type header map[string]string

// do sends a request as it is, without cleaning its path.
func (w *testGateway) do(method, target string, h header, body ...string) reply {
	r, err := http.NewRequestWithContext(context.Background(), method, w.gateway.URL, strings.NewReader(strings.Join(body, "")))
	w.Expect(err).NotTo(HaveOccurred())

	r.URL.Opaque = "//" + r.URL.Host + target
	for name, value := range h {
		r.Header.Set(name, value)
	}

	return w.send(r)
}

func (w *testGateway) send(r *http.Request) reply {
	client := &http.Client{
		Transport:     w.gateway.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(r)
	w.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = response.Body.Close() }()

	body, err := io.ReadAll(response.Body)
	w.Expect(err).NotTo(HaveOccurred())

	return reply{Response: response, body: string(body)}
}

func (w *testGateway) get(target string) reply { return w.do(http.MethodGet, target, nil) }

func bearer(token string) header { return header{"Authorization": "Bearer " + token} }

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func trusting(networks ...string) func(*rest.Options) {
	return func(o *rest.Options) {
		for _, network := range networks {
			o.TrustedProxies = append(o.TrustedProxies, netip.MustParsePrefix(network))
		}
	}
}
