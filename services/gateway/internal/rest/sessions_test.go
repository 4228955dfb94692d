package rest_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/auth"
)

// sessionsOf lets the sessions of some users end.
func (w *testGateway) sessionsOf(ended *atomic.Pointer[uuid.UUID], asked *atomic.Int64) {
	w.sidecar.set(func(s *sidecar) {
		s.sessions = func(rw http.ResponseWriter, r *http.Request) {
			asked.Add(1)

			if id := ended.Load(); id != nil && strings.Contains(r.URL.Path, id.String()) {
				writeJSON(rw, http.StatusNotFound, `{"error":"It has ended.","code":"AUTH_SESSION_NOT_FOUND","details":{}}`)
				return
			}

			rw.WriteHeader(http.StatusNoContent)
		}
	})
}

// What ends sessions is noticed at once.
func TestGateway_Sessions_EndedThroughGateway(t *testing.T) {
	id := uuid.New()

	const suspension = "suspension or another role"

	cases := []struct {
		reason, method, target string
	}{
		{"logout", "POST", "/api/auth/logout"},
		{"logout everywhere", "POST", "/api/auth/logout-all"},
		{"ending one session", "DELETE", "/api/auth/sessions/" + uuid.NewString()},
		{"a new password", "POST", "/api/auth/password"},
		{suspension, "PATCH", "/api/users/" + id.String()},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			w := newTestGateway(t, patient)

			var (
				ended atomic.Pointer[uuid.UUID]
				asked atomic.Int64
			)
			w.sessionsOf(&ended, &asked)

			token := bearerOf(w, id)
			for range 3 {
				w.Expect(w.do("GET", "/api/users/me", token).StatusCode).To(Equal(http.StatusOK))
			}

			w.Expect(asked.Load()).To(Equal(int64(1)), "remembered meanwhile")

			w.sidecar.set(func(s *sidecar) {
				s.answer = func(rw http.ResponseWriter, _ *http.Request) {
					ended.Store(&id)
					rw.WriteHeader(http.StatusNoContent)
				}
			})

			by := token
			if c.reason == suspension {
				by = bearer(w.token(auth.Admin))
			}

			w.Expect(w.do(c.method, c.target, by, "{}").StatusCode).To(Equal(http.StatusNoContent))
			w.Expect(w.do("GET", "/api/users/me", token).refused().Code).To(Equal("AUTH_INVALID_TOKEN"))
		})
	}
}

func bearerOf(w *testGateway, user uuid.UUID) header {
	return bearer(w.tokenFor(auth.Principal{UserID: user, SessionID: uuid.New(), Role: auth.Student}))
}

// Sessions that end elsewhere are noticed within a second.
func TestGateway_Sessions_EndedElsewhere(t *testing.T) {
	w := newTestGateway(t)

	var (
		ended atomic.Pointer[uuid.UUID]
		asked atomic.Int64
	)
	w.sessionsOf(&ended, &asked)

	id := uuid.New()
	token := bearerOf(w, id)
	w.Expect(w.do("GET", "/api/users/me", token).StatusCode).To(Equal(http.StatusOK))
	ended.Store(&id)
	w.Eventually(func() string { return w.do("GET", "/api/users/me", token).refused().Code }, time.Second).
		Should(Equal("AUTH_INVALID_TOKEN"))
}

// Without the auth service no caller is let in or signed out.
func TestGateway_Sessions_AuthUnavailable(t *testing.T) {
	cases := map[string]http.HandlerFunc{
		"Dapr does not reach it":       replies(500, `{"errorCode":"ERR_DIRECT_INVOKE"}`, "", ""),
		"a 404 that is not its answer": replies(404, `404 page not found`, "", ""),
		"it refuses us":                replies(403, `{"error":"No.","code":"AUTH_FORBIDDEN","details":{}}`, "", ""),
		"its store is down":            replies(503, `{"error":"Later.","code":"SERVICE_UNAVAILABLE","details":{}}`, "", ""),
	}
	for reason, answer := range cases {
		t.Run(reason, func(t *testing.T) {
			w := newTestGateway(t)
			w.sidecar.set(func(s *sidecar) { s.sessions = answer })
			got := w.do("GET", "/api/users/me", bearer(w.token(auth.Student)))
			w.Expect(got.StatusCode).To(Equal(http.StatusServiceUnavailable))
			w.Expect(got.refused().Code).To(Equal("SERVICE_UNAVAILABLE"))
			w.Expect(w.sidecar.taken()).To(BeEmpty())
			w.Expect(w.get("/api/courses").StatusCode).To(Equal(http.StatusOK), "what needs no session goes on")
		})
	}
}

// Requests that come while the auth service is asked are asked about together, and each is answered about its own session.
func TestGateway_Sessions_Together(t *testing.T) {
	const people = 8

	w := newTestGateway(t, patient)
	ended, unreadable, first := uuid.New(), uuid.New(), uuid.New()

	asked, goOn := make(chan struct{}), make(chan struct{})
	w.sidecar.set(func(s *sidecar) {
		s.sessions = func(rw http.ResponseWriter, r *http.Request) {
			switch {
			case strings.Contains(r.URL.Path, first.String()):
				close(asked)
				<-goOn
			case strings.Contains(r.URL.Path, ended.String()):
				writeJSON(rw, http.StatusNotFound, `{"error":"It has ended.","code":"AUTH_SESSION_NOT_FOUND","details":{}}`)
				return
			case strings.Contains(r.URL.Path, unreadable.String()):
				writeJSON(rw, http.StatusServiceUnavailable, `{"error":"Later.","code":"SERVICE_UNAVAILABLE","details":{}}`)
				return
			}

			rw.WriteHeader(http.StatusNoContent)
		}
	})

	var all sync.WaitGroup

	all.Go(func() { w.Expect(w.do("GET", "/api/users/me", bearerOf(w, first)).StatusCode).To(Equal(http.StatusOK)) })
	<-asked

	for range people {
		all.Go(func() {
			w.Expect(w.do("GET", "/api/users/me", bearerOf(w, uuid.New())).StatusCode).To(Equal(http.StatusOK))
		})
	}

	all.Go(func() {
		w.Expect(w.do("GET", "/api/users/me", bearerOf(w, ended)).refused().Code).To(Equal("AUTH_INVALID_TOKEN"))
	})
	all.Go(func() {
		w.Expect(w.do("GET", "/api/users/me", bearerOf(w, unreadable)).refused().Code).To(Equal("SERVICE_UNAVAILABLE"))
	})

	time.AfterFunc(10*time.Millisecond, func() { close(goOn) }) // or the patience ends: the answers are the same
	all.Wait()
}

// While the auth service is updated, replicas answer that don't know how to be asked about several sessions.
func TestGateway_Sessions_OlderAuth(t *testing.T) {
	w := newTestGateway(t, patient)
	first, asked, goOn := uuid.New(), make(chan struct{}), make(chan struct{})

	w.sidecar.set(func(s *sidecar) {
		s.unknown = "/internal/sessions/states"
		s.sessions = func(rw http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, first.String()) {
				close(asked)
				<-goOn
			}

			rw.WriteHeader(http.StatusNoContent)
		}
	})

	var all sync.WaitGroup

	all.Go(func() { w.Expect(w.do("GET", "/api/users/me", bearerOf(w, first)).StatusCode).To(Equal(http.StatusOK)) })
	<-asked

	for range 5 {
		all.Go(func() {
			w.Expect(w.do("GET", "/api/users/me", bearerOf(w, uuid.New())).StatusCode).To(Equal(http.StatusOK))
		})
	}

	close(goOn)
	all.Wait()
}
