package dapr_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/request"
)

const secret = "a-secret-of-at-least-thirty-two-bytes"

func newSidecar(t *testing.T, httpHandler http.HandlerFunc) *dapr.Sidecar {
	t.Helper()

	server := httptest.NewServer(httpHandler)
	t.Cleanup(server.Close)

	return connect(t, config.Common{
		DaprHTTPPort: portOf(t, server.URL),
		DaprGRPCPort: 1,
		DaprAPIToken: "our-token",

		ServiceJWTSecret: secret,
	})
}

func connect(t *testing.T, c config.Common) *dapr.Sidecar {
	t.Helper()

	tokens, err := auth.NewServiceTokens(secret, apps.Booking, clock.System{})
	if err != nil {
		t.Fatal(err)
	}

	s, err := dapr.NewSidecar(c, tokens)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(s.Close)

	return s
}

func portOf(t *testing.T, address string) int {
	t.Helper()

	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}

	port, err := strconv.Atoi(parsed.Port())
	if err != nil {
		t.Fatal(err)
	}

	return port
}

func post(ctx context.Context, t *testing.T, s *dapr.Sidecar, header http.Header) (*http.Response, error) {
	t.Helper()

	base, doer := s.Invoke(apps.Course)

	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/internal/reservations?x=1", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}

	maps.Copy(r.Header, header)

	return doer.Do(r)
}

// A call says which service calls, and for which person.
func TestSidecar_Invoke_Identity(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	var seen *http.Request

	s := newSidecar(t, func(w http.ResponseWriter, r *http.Request) { seen = r })
	ctx := request.With(t.Context(), &request.Info{
		ID:             "r1",
		ClientIP:       "1.2.3.4",
		UserAgent:      "phone",
		AcceptLanguage: "id",
	})
	response, err := post(ctx, t, s, nil)
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = response.Body.Close() }()

	g.Expect(seen.URL.String()).To(Equal("/internal/reservations?x=1"))

	for name, want := range map[string]string{
		"dapr-app-id": apps.Course, "dapr-api-token": "our-token", "X-Request-Id": "r1", "X-Client-Ip": "1.2.3.4",
		"X-Client-User-Agent": "phone", "Accept-Language": "id",
	} {
		g.Expect(seen.Header.Get(name)).To(Equal(want), name)
	}

	course, err := auth.NewServiceTokens(secret, apps.Course, clock.System{})
	g.Expect(err).NotTo(HaveOccurred())

	caller, err := course.Verify(seen.Header.Get("X-Service-Token"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(caller).To(Equal(apps.Booking))
}

// Headers that a client may not set are dropped.
func TestSidecar_Invoke_ForeignHeaders(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	var seen http.Header

	s := newSidecar(t, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header })
	forged := http.Header{"X-Client-Ip": {"6.6.6.6"}, "X-Service-Token": {"forged"}, "Dapr-App-Id": {apps.Auth}}
	response, err := post(t.Context(), t, s, forged)
	g.Expect(err).NotTo(HaveOccurred())

	defer func() { _ = response.Body.Close() }()

	g.Expect(seen).NotTo(HaveKey("X-Client-Ip"))
	g.Expect(seen.Values("dapr-app-id")).To(Equal([]string{apps.Course}))
	g.Expect(seen.Get("X-Service-Token")).NotTo(Equal("forged"))
}

// Outages are told from answers of the other service.
func TestSidecar_Invoke_Outages(t *testing.T) {
	t.Parallel()

	ours, err := json.Marshal(errs.Body{Error: "x", Code: "DB_BROKEN", Details: map[string]any{}})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	for name, tc := range map[string]struct {
		reason      string
		status      int
		body        string
		unavailable bool
	}{
		"answer":      {"a good answer passes", 200, "{}", false},
		"refusal":     {"a refusal is an answer", 404, string(ours), false},
		"our 500":     {"so is a failure in our shape", 500, string(ours), false},
		"Dapr's 500":  {"Dapr could not reach the app", 500, `{"errorCode":"ERR_DIRECT_INVOKE","message":"failed"}`, true},
		"a proxy's":   {"nor could a proxy", 502, "<html>", true},
		"empty error": {"nothing is no answer of ours", 503, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			s := newSidecar(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})

			response, err := post(t.Context(), t, s, nil)
			if tc.unavailable {
				g.Expect(err).To(MatchError(errs.Unavailable), tc.reason)

				return
			}

			g.Expect(err).NotTo(HaveOccurred(), tc.reason)

			defer func() { _ = response.Body.Close() }()

			body, err := io.ReadAll(response.Body)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(string(body)).To(Equal(tc.body), "the body can still be read")
		})
	}
}

// A call without a sidecar is an outage.
func TestSidecar_Invoke_SidecarAway(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	s := connect(t, config.Common{DaprHTTPPort: 1, DaprGRPCPort: 1, ServiceJWTSecret: secret})

	response, err := post(t.Context(), t, s, nil)
	if response != nil {
		_ = response.Body.Close()
	}

	g.Expect(err).To(MatchError(errs.Unavailable))
	g.Expect(s.Healthy(t.Context())).To(MatchError(errs.Unavailable))
}

// A call ends with its context.
func TestSidecar_Invoke_CancelledContext(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	block := make(chan struct{})
	s := newSidecar(t, func(http.ResponseWriter, *http.Request) { <-block })
	t.Cleanup(func() { close(block) })

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()

	response, err := post(ctx, t, s, nil)
	if response != nil {
		_ = response.Body.Close()
	}

	g.Expect(err).To(MatchError(errs.Unavailable))
}

func TestHealthy(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	status := http.StatusInternalServerError
	s := newSidecar(t, func(w http.ResponseWriter, r *http.Request) {
		g.Expect(r.URL.Path).To(Equal("/v1.0/healthz/outbound"))

		w.WriteHeader(status)
	})
	g.Expect(s.Healthy(t.Context())).To(MatchError(errs.Unavailable))

	status = http.StatusNoContent

	g.Expect(s.Healthy(t.Context())).To(Succeed())
}
