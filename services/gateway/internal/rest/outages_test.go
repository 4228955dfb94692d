package rest_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/auth"
)

// Refusals and outages.
func TestGateway_Forward_RefusalsAndOutages(t *testing.T) {
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
		{"a 404 that is not the service's", replies(404, `404 page not found`, "", ""), 500, "INTERNAL", ""},
		{"a connection that breaks", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 503, "SERVICE_UNAVAILABLE", "2"},
		{"a refusal that breaks off", breaksOff(409), 503, "SERVICE_UNAVAILABLE", "2"},
	}

	w := newTestGateway(t)
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

// An answer that breaks off does not look whole.
func TestGateway_Forward_TruncatedAnswer(t *testing.T) {
	w := newTestGateway(t)
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

func TestGateway_Forward_NoSidecar(t *testing.T) {
	w := newTestGateway(t)
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

// A hanging sidecar is given up within five seconds.
func TestGateway_Forward_HangingSidecar(t *testing.T) {
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
			w := newTestGateway(t)
			w.sidecar.set(c.change)

			started := time.Now()
			got := w.do("GET", c.target, bearer(w.token(auth.Student)))
			w.Expect(time.Since(started)).To(BeNumerically("<", 5*time.Second))
			w.Expect(got.StatusCode).To(Equal(http.StatusServiceUnavailable))
			w.Expect(got.refused().Code).To(Equal("SERVICE_UNAVAILABLE"))
		})
	}
}
