package rest_test

import (
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
)

const exportPath = "/api/users/me/export"

// parts answers as each service would about one person.
func parts(rw http.ResponseWriter, r *http.Request) {
	answers := map[string]string{
		apps.Auth:           `{"sections":{"sessions":[{"id":1}],"audit":[]},"next_cursor":null}`,
		apps.User:           `{"sections":{"profile":[{"email":"a@b.test"}]},"next_cursor":null}`,
		apps.Booking:        `{"sections":{"bookings":[{"n":1}]},"next_cursor":"a+b"}`,
		apps.Chat:           `{"sections":{"chat_messages":[]},"next_cursor":null}`,
		apps.Recommendation: `{"sections":{},"next_cursor":null}`,
	}

	if r.URL.RawQuery == "cursor=a%2Bb" {
		writeJSON(rw, http.StatusOK, `{"sections":{"bookings":[{"n":2}]},"next_cursor":null}`)
		return
	}

	writeJSON(rw, http.StatusOK, answers[r.Header.Get("Dapr-App-Id")])
}

// A person gets everything that is kept of them, page after page of every service, in their own name.
func TestExport_Gather(t *testing.T) {
	w := newTestGateway(t)
	w.sidecar.set(func(s *sidecar) { s.answer = parts })

	token := w.token(auth.Student)
	got := w.do("GET", exportPath, bearer(token))
	w.Expect(got.StatusCode).To(Equal(http.StatusOK))
	w.Expect(got.Header.Get("Cache-Control")).To(Equal("no-store"))
	w.Expect(got.body).To(ContainSubstring(`"bookings":[{"n":1},{"n":2}]`))
	w.Expect(got.body).To(ContainSubstring(`"audit":[]`))
	w.Expect(got.body).To(ContainSubstring(`"user_id"`))

	for _, r := range w.sidecar.taken() {
		w.Expect(r.URL.Path).To(Equal("/internal/export"))
		w.Expect(r.Header.Get("Authorization")).To(Equal("Bearer " + token))
	}
}

// Half an answer would pass for a whole one.
func TestExport_Gather_Unavailable(t *testing.T) {
	w := newTestGateway(t)
	w.sidecar.set(func(s *sidecar) {
		s.answer = func(rw http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.Header.Get("Dapr-App-Id"), "chat") {
				writeJSON(rw, http.StatusInternalServerError, `{"errorCode":"ERR_DIRECT_INVOKE"}`)
				return
			}

			parts(rw, r)
		}
	})

	got := w.do("GET", exportPath, bearer(w.token(auth.Student)))
	w.Expect(got.StatusCode).To(Equal(http.StatusServiceUnavailable))
	w.Expect(got.refused().Code).To(Equal("SERVICE_UNAVAILABLE"))
}

// Asking for everything is the most expensive question there is.
func TestExport_Gather_RateLimit(t *testing.T) {
	w := newTestGateway(t)
	w.sidecar.set(func(s *sidecar) { s.answer = parts })

	h := bearer(w.token(auth.Student))
	for range 6 {
		w.Expect(w.do("GET", exportPath, h).StatusCode).To(Equal(http.StatusOK))
	}

	got := w.do("GET", exportPath, h)
	w.Expect(got.refused().Code).To(Equal("RATE_LIMITED"))
	w.Expect(got.Header.Get("Retry-After")).To(Equal("600"))
	w.Expect(w.do("GET", exportPath, bearer(w.token(auth.Student))).StatusCode).To(Equal(http.StatusOK), "others may")
}
