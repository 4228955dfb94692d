package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
)

const slots = "/api/schedules/available"

// patient keeps answers for a second, so that a test that takes half of it can tell kept from fetched.
func patient(o *rest.Options) { o.CacheTTL, o.SessionTTL = time.Second, time.Second }

// counting answers reads with a number that grows with every write.
func (w *testGateway) counting() *atomic.Int64 {
	version := &atomic.Int64{}
	w.sidecar.set(func(s *sidecar) {
		s.answer = func(rw http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				version.Add(1)
			}

			writeJSON(rw, http.StatusOK, fmt.Sprintf(`{"version":%d}`, version.Load()))
		}
	})

	return version
}

// Public reads come from memory.
func TestGateway_Cached_Hit(t *testing.T) {
	w := newTestGateway(t, patient)

	version := w.counting()
	for _, target := range []string{slots, "/api/courses", "/api/courses/piano-beginner"} {
		version.Store(1)

		first := w.get(target)
		w.Expect(first.body).To(Equal(`{"version":1}`))
		w.Expect(first.Header.Get("Cache-Control")).To(Equal("public, no-cache"))
		version.Store(2)

		again := w.do("GET", target, bearer("any"))
		w.Expect(again.body).To(Equal(`{"version":1}`), "the same for all callers")
		w.Expect(again.Header.Get("ETag")).To(Equal(first.Header.Get("ETag")))

		known := w.do("GET", target, header{"If-None-Match": "W/" + first.Header.Get("ETag")})
		w.Expect(known.StatusCode).To(Equal(http.StatusNotModified))
		w.Expect(known.body).To(BeEmpty())
		head := w.do("HEAD", target, nil)
		w.Expect(head.StatusCode).To(Equal(http.StatusOK))
		w.Expect(head.ContentLength).To(Equal(int64(len(first.body))))
		w.Expect(w.sidecar.taken()).To(HaveLen(1), "one fetch for all of that")
	}
}

// What is not for all callers is never kept.
func TestGateway_Cached_NeverPersonal(t *testing.T) {
	w := newTestGateway(t, patient)

	token := w.token(auth.Admin)
	for _, target := range []string{"/api/courses/stats", "/api/schedules", "/api/bookings"} {
		for range 2 {
			w.Expect(w.do("GET", target, bearer(token)).StatusCode).To(Equal(http.StatusOK))
		}

		w.Expect(w.sidecar.taken()).To(HaveLen(2))
	}
}

// A strange query goes to the service.
func TestGateway_Cached_QueryWithoutKey(t *testing.T) {
	w := newTestGateway(t, patient)
	for range 2 {
		w.get(slots + "?limit=1&limit=2")
	}

	taken := w.sidecar.taken()
	w.Expect(taken).To(HaveLen(2))
	w.Expect(taken[0].URL.RawQuery).To(Equal("limit=1&limit=2"), "it says itself what is wrong with that")
}

// Answered bookings show at once.
func TestGateway_Cached_InvalidatedByBookings(t *testing.T) {
	id := uuid.NewString()
	cases := []struct {
		reason, target string
		role           auth.Role
	}{
		{"create", "/api/bookings/create", auth.Student},
		{"cancel", "/api/bookings/" + id + "/cancel", auth.Student},
		{"confirm", "/api/bookings/" + id + "/confirm", auth.Admin},
		{"reject", "/api/bookings/" + id + "/reject", auth.Admin},
		{"revoke", "/api/bookings/" + id + "/revoke", auth.Admin},
	}
	w := newTestGateway(t, patient)
	w.counting()

	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			before := w.get(slots)
			written := w.do("POST", c.target, bearer(w.token(c.role)), "{}")
			g.Expect(written.StatusCode).To(Equal(http.StatusOK))

			after := w.get(slots)
			g.Expect(after.body).To(Equal(written.body), "the read after the answer shows the write")
			g.Expect(after.Header.Get("ETag")).NotTo(Equal(before.Header.Get("ETag")))
		})
	}
}

// A refused booking changes nothing and an unanswered one may.
func TestGateway_Cached_InvalidatedByUnknownOutcome(t *testing.T) {
	w := newTestGateway(t, patient)
	version := w.counting()
	w.get(slots)
	read := w.sidecar.answer

	version.Store(7)

	write := func(answer http.HandlerFunc) {
		w.sidecar.set(func(s *sidecar) { s.answer = answer })
		w.do("POST", "/api/bookings/create", bearer(w.token(auth.Student)), "{}")
		w.sidecar.set(func(s *sidecar) { s.answer = read })
	}
	write(replies(409, `{"error":"Taken.","code":"BOOKING_INVALID_SLOTS","details":{}}`, "", ""))
	w.Expect(w.get(slots).body).To(Equal(`{"version":0}`))
	write(replies(500, `{"errorCode":"ERR_DIRECT_INVOKE"}`, "", ""))
	w.Expect(w.get(slots).body).To(Equal(`{"version":7}`))
}

// Events show at once.
func TestGateway_Cached_InvalidatedByEvents(t *testing.T) {
	w := newTestGateway(t, patient)

	version := w.counting()
	for _, target := range []string{
		"/dapr/events/catalog.changed", "/dapr/dead-letters",
	} {
		w.get(slots)

		now := version.Add(1)
		got := w.do("POST", target, header{"dapr-api-token": "guessed"}, "{}")
		w.Expect(got.StatusCode).To(Equal(http.StatusNotFound), "only our own sidecar brings events")
		got = w.do("POST", target, header{"dapr-api-token": appToken}, signed(t, target))
		w.Expect(got.StatusCode).To(Equal(http.StatusOK))
		w.Expect(w.get(slots).body).To(Equal(fmt.Sprintf(`{"version":%d}`, now)))
	}
}

// signed is an event as a service publishes it to the topic that the path names.
func signed(t *testing.T, target string) string {
	t.Helper()

	event, err := json.Marshal(servertest.Event(t, secret, path.Base(target), "1", map[string]any{}))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return string(event)
}

// A slow read from before a booking is not seen after it.
func TestGateway_Cached_SlowReadDuringBooking(t *testing.T) {
	w := newTestGateway(t, patient)
	begun, release := make(chan struct{}), make(chan struct{})

	var booked atomic.Bool
	w.sidecar.set(func(s *sidecar) {
		s.answer = func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				booked.Store(true)
				writeJSON(rw, http.StatusCreated, `{}`)
				return
			}

			answer := fmt.Sprintf(`{"booked":%t}`, booked.Load())
			if !booked.Load() {
				close(begun)
				<-release
			}

			writeJSON(rw, http.StatusOK, answer)
		}
	})

	slow := make(chan reply, 1)
	go func() { slow <- w.get(slots) }()

	<-begun
	w.Expect(w.do("POST", "/api/bookings/create", bearer(w.token(auth.Student)), "{}").StatusCode).To(Equal(http.StatusCreated))
	w.Expect(w.get(slots).body).To(Equal(`{"booked":true}`), "it does not wait for the slow read")
	close(release)
	w.Expect((<-slow).body).To(Equal(`{"booked":false}`), "who asked before may see the time before")
	w.Expect(w.get(slots).body).To(Equal(`{"booked":true}`), "a later caller does not")
}

// Without memory tags still work.
func TestGateway_Cached_Disabled(t *testing.T) {
	w := newTestGateway(t, func(o *rest.Options) { o.CacheTTL = 0 })
	version := w.counting()
	first := w.get(slots)
	w.Expect(w.do("GET", slots, header{"If-None-Match": first.Header.Get("ETag")}).StatusCode).To(Equal(http.StatusNotModified))
	version.Add(1)
	w.Expect(w.do("GET", slots, header{"If-None-Match": first.Header.Get("ETag")}).StatusCode).To(Equal(http.StatusOK))
	w.Expect(w.sidecar.taken()).To(HaveLen(3))
}

// Errors speak each caller's language.
func TestGateway_Cached_ErrorsByLanguage(t *testing.T) {
	w := newTestGateway(t, patient)
	w.sidecar.set(func(s *sidecar) {
		s.answer = func(rw http.ResponseWriter, r *http.Request) {
			writeJSON(rw, http.StatusNotFound, fmt.Sprintf(`{"error":%q,"code":"COURSE_NOT_FOUND","details":{}}`, r.Header.Get("Accept-Language")))
		}
	})
	w.Expect(w.do("GET", "/api/courses/x", header{"Accept-Language": "id"}).refused().Error).To(Equal("id"))
	w.Expect(w.do("GET", "/api/courses/x", header{"Accept-Language": "en"}).refused().Error).To(Equal("en"))
}

// The key set changes rarely: callers may keep it for five minutes.
func TestGateway_Cached_KeySet(t *testing.T) {
	w := newTestGateway(t, patient)

	for range 2 {
		got := w.get("/api/auth/.well-known/jwks.json")
		w.Expect(got.Header.Get("Cache-Control")).To(Equal("public, max-age=300"))
		w.Expect(got.Header.Get("ETag")).NotTo(BeEmpty())
	}

	w.Expect(w.sidecar.taken()).To(HaveLen(1))
}

// The default is no question of its own.
func TestGateway_Cached_DefaultParameter(t *testing.T) {
	w := newTestGateway(t, patient)
	w.get("/api/courses")
	w.get("/api/courses?limit=20")

	w.Expect(w.sidecar.taken()).To(HaveLen(1))
}

// A Course may be called like an operation: who may not use that sees the Course.
func TestGateway_Cached_CourseNamedStats(t *testing.T) {
	const path = "/api/courses/stats"

	w := newTestGateway(t, patient)
	w.Expect(w.get(path).refused().Code).To(Equal("AUTH_MISSING_TOKEN"), "there is none")

	w.sidecar.set(func(s *sidecar) {
		s.hasStats = true
		s.answer = func(rw http.ResponseWriter, r *http.Request) {
			writeJSON(rw, http.StatusOK, `{"path":"`+r.URL.Path+`"}`)
		}
	})

	for _, h := range []header{nil, bearer(w.token(auth.Student)), bearer("no.such.token")} {
		w.Expect(w.do("GET", path, h).body).To(Equal(`{"path":"/api/courses/name:stats"}`))
	}

	w.Expect(w.do("GET", path, bearer(w.token(auth.Admin))).body).To(Equal(`{"path":"/api/courses/stats"}`))
}
