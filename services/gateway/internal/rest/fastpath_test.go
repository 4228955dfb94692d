package rest_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/request"
)

// The fast path answers what the middleware would.
func TestFastPath_SameAnswer(t *testing.T) {
	w := newTestGateway(t, patient)
	w.counting()

	for _, target := range []string{slots, slots + "?limit=5", "/api/courses", "/api/courses/piano-beginner"} {
		etag := w.get(target).Header.Get("ETag")
		for _, known := range []string{"", etag} {
			h := header{"Origin": page, "If-None-Match": known}
			short := w.do("GET", target, h)
			h["X-Request-Id"] = "mine" // Who gives an id wants to find it in the log, and takes the middleware.
			long := w.do("GET", target, h)
			w.Expect(short.StatusCode).To(Equal(long.StatusCode))
			w.Expect(short.body).To(Equal(long.body))
			w.Expect(slices.Sorted(maps.Keys(short.Header))).To(Equal(slices.Sorted(maps.Keys(long.Header))))

			for name := range long.Header {
				if name != "X-Request-Id" && name != "Traceparent" && name != "Date" {
					w.Expect(short.Header.Get(name)).To(Equal(long.Header.Get(name)), name)
				}
			}

			w.Expect(short.Header.Get(request.HeaderID)).To(MatchRegexp(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`))
			w.Expect(short.Header.Get("Traceparent")).To(MatchRegexp(`^00-[0-9a-f]{32}-[0-9a-f]{16}-00$`))
			w.Expect(long.Header.Get(request.HeaderID)).To(Equal("mine"))
		}
	}
}

// Every answer of the fast path has ids of its own.
func TestFastPath_UniqueIDs(t *testing.T) {
	w := newTestGateway(t, patient)
	w.get(slots)

	seen := map[string]bool{}
	for range 100 {
		got := w.get(slots)
		for _, name := range []string{"X-Request-Id", "Traceparent"} {
			w.Expect(seen).NotTo(HaveKey(got.Header.Get(name)))
			seen[got.Header.Get(name)] = true
		}
	}
}

// The fast path keeps the trace.
func TestFastPath_KeepsTrace(t *testing.T) {
	w := newTestGateway(t, patient)
	w.get(slots)
	got := w.do("GET", slots, header{"Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
	w.Expect(got.Header.Get("Traceparent")).To(HavePrefix("00-0af7651916cd43dd8448eb211c80319c-"))
}

// The fast path counts requests for the rate limit.
func TestFastPath_RateLimit(t *testing.T) {
	w := newTestGateway(t, patient, func(o *rest.Options) { o.RequestsPerSecond = 3 })
	for range 3 {
		w.Expect(w.get(slots).StatusCode).To(Equal(http.StatusOK))
	}

	got := w.get(slots)
	w.Expect(got.StatusCode).To(Equal(http.StatusTooManyRequests))
	w.Expect(got.refused().Code).To(Equal("RATE_LIMITED"))
}

// The fast path serves no other route.
func TestFastPath_OtherRoutes(t *testing.T) {
	w := newTestGateway(t, patient)
	w.get("/api/courses/stats")
	w.Expect(w.get("/api/courses/stats").refused().Code).To(Equal("AUTH_MISSING_TOKEN"))
	w.Expect(w.do("GET", "/api/courses/stats", bearer(w.token(auth.Student))).refused().Code).To(Equal("AUTH_FORBIDDEN"))
	w.get("/api/courses/piano")

	for _, target := range []string{"/api/courses/../courses/piano", "/api/courses/%2e%2e/piano", "/api/courses//piano", "/api/courses/piano/"} {
		w.Expect(w.get(target).StatusCode).To(Equal(http.StatusNotFound), target)
	}

	w.Expect(w.do("POST", "/api/courses/piano", nil, "{}").StatusCode).To(Equal(http.StatusMethodNotAllowed))
}
