package rest_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/gateway/internal/dashboard"
	"github.com/shema-music/shema/services/gateway/internal/rest"
)

// A part of the dashboard that fails is null.
func TestDashboard_Gather_FailedPartIsNull(t *testing.T) {
	cases := []struct {
		reason string
		answer http.HandlerFunc
	}{
		{"the service's database is down", replies(503, `{"error":"Later.","code":"SERVICE_UNAVAILABLE","details":{}}`, "", "")},
		{"the service refuses the admin", replies(403, `{"error":"No.","code":"AUTH_FORBIDDEN","details":{}}`, "", "")},
		{"the service does not know the question", replies(404, `{"error":"No.","code":"NOT_FOUND","details":{}}`, "", "")},
		{"the service finds the question wrong", replies(400, `{"error":"No.","code":"VALIDATION_FAILED","details":{}}`, "", "")},
		{"a 404 that is not the service's", replies(404, `404 page not found`, "", "")},
		{"Dapr forbids it", replies(403, `{"errorCode":"ERR_PERMISSION_DENIED","message":"access control policy"}`, "", "")},
		{"a proxy in between", replies(502, `<html>Bad gateway</html>`, "", "")},
		{"no JSON", replies(200, `{"items":[{"id":`, "", "")},
		{"another shape", replies(200, `{"items":{"id":1},"count":"7"}`, "", "")},
		{"nothing of what was asked for", replies(200, `{"items":null}`, "", "")},
		{"too much", replies(200, `{"items":["`+strings.Repeat("a", 5<<20)+`"],"count":1}`, "", "")},
		{"another status", replies(204, ``, "", "")},
		{"a connection that breaks", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"an answer that breaks off", breaksOff(http.StatusOK)},
	}

	w := newTestGateway(t)
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)

			w.sidecar.set(func(s *sidecar) {
				s.answer = services(map[string]http.HandlerFunc{apps.Booking: c.answer, apps.User: c.answer})
			})
			body, got := w.shown(g)
			expectWithout(g, body, apps.Booking, apps.User)
			g.Expect(got.body).NotTo(ContainSubstring("No."), "why is for the log")
		})
	}
}

// One app is blamed once and keeps what it gave.
func TestDashboard_Gather_DegradedOnce(t *testing.T) {
	w := newTestGateway(t)
	broken := replies(http.StatusOK, `nothing`, "", "")
	w.sidecar.set(func(s *sidecar) {
		s.answer = services(map[string]http.HandlerFunc{"booking-service/api/bookings/pending": broken})
	})
	body, _ := w.shown(w)
	w.Expect(string(body["degraded"])).To(Equal(`["booking-service"]`))
	w.Expect(string(body["pendingBookings"])).To(Equal("null"))
	w.Expect(string(body["stats"])).To(ContainSubstring(`"pending_bookings":2`))

	w.sidecar.set(func(s *sidecar) { s.answer = services(map[string]http.HandlerFunc{apps.Booking: broken}) })
	body, _ = w.shown(w)
	w.Expect(string(body["degraded"])).To(Equal(`["booking-service"]`), "two parts are missing, one app is to blame")
}

// Hanging services cost the dashboard their time once.
func TestDashboard_Gather_HangingServices(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	trickle := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"items":[`))
		_ = http.NewResponseController(w).Flush()

		<-r.Context().Done()
	}

	cases := []struct {
		reason  string
		other   map[string]http.HandlerFunc
		missing []string
	}{
		{"one hangs", map[string]http.HandlerFunc{apps.User: hang}, []string{apps.User}},
		{"one begins and hangs", map[string]http.HandlerFunc{apps.Chat: trickle}, []string{apps.Chat}},
		{"all hang", map[string]http.HandlerFunc{
			apps.Booking: hang, apps.Chat: trickle, apps.Course: hang, apps.User: hang,
		}, sources},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			w := newTestGateway(t)
			w.sidecar.set(func(s *sidecar) { s.answer = services(c.other) })

			started := time.Now()
			body, _ := w.shown(w)
			w.Expect(time.Since(started)).To(BeNumerically("~", dashboard.Timeout+time.Second/2, time.Second/2))
			expectWithout(w, body, c.missing...)
		})
	}
}

// Why a part is missing is logged.
func TestDashboard_Gather_LogsMissingParts(t *testing.T) {
	var logged lockedBuffer

	w := newTestGateway(t, func(o *rest.Options) { o.Log = slog.New(slog.NewJSONHandler(&logged, nil)) })
	refuse := replies(http.StatusForbidden, `{"error":"No.","code":"AUTH_FORBIDDEN","details":{}}`, "", "")
	w.sidecar.set(func(s *sidecar) { s.answer = services(map[string]http.HandlerFunc{apps.User: refuse}) })
	w.shown(w)
	w.Expect(logged.String()).To(And(ContainSubstring(`"service":"user-service","part":"stats.total_students"`),
		ContainSubstring("403 AUTH_FORBIDDEN")))
}

// lockedBuffer takes lines from several goroutines.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
