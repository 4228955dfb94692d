package rest_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/auth"
)

// The refresh token's cookie goes to the auth service and comes back from it; no other cookie does.
func TestGateway_Cookie_PassedOn(t *testing.T) {
	w := newTestGateway(t)
	w.sidecar.set(func(s *sidecar) {
		s.answer = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Add("Set-Cookie", "shema_refresh=next; Path=/api/auth; HttpOnly; SameSite=Strict")
			rw.Header().Add("Set-Cookie", "other=1")
			writeJSON(rw, http.StatusOK, `{"access_token":"x"}`)
		}
	})

	got := w.do("POST", "/api/auth/refresh", header{"Cookie": "a=b; shema_refresh=secret", "Origin": page}, "{}")
	w.Expect(got.StatusCode).To(Equal(http.StatusOK))
	w.Expect(got.Header.Values("Set-Cookie")).To(Equal([]string{"shema_refresh=next; Path=/api/auth; HttpOnly; SameSite=Strict"}))

	seen := w.sidecar.taken()[0].Header
	w.Expect(seen.Values("Cookie")).To(Equal([]string{"shema_refresh=secret"}))
	w.Expect(seen.Get("X-Forwarded-Host")).NotTo(BeEmpty(), "by which the service tells loopback")

	h := bearer(w.token(auth.Student))
	h["Cookie"] = "shema_refresh=secret"
	got = w.do("GET", "/api/users/me", h)
	w.Expect(got.Header).NotTo(HaveKey("Set-Cookie"))
	w.Expect(w.sidecar.taken()[0].Header).NotTo(HaveKey("Cookie"), "others need not see it")
}

// A refusal may take the cookie away.
func TestGateway_Cookie_Refusal(t *testing.T) {
	w := newTestGateway(t)
	w.sidecar.set(func(s *sidecar) {
		s.answer = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Add("Set-Cookie", "shema_refresh=; Path=/api/auth; Max-Age=0")
			writeJSON(rw, http.StatusUnauthorized, `{"error":"It has ended.","code":"AUTH_TOKEN_REUSED","details":{}}`)
		}
	})

	got := w.do("POST", "/api/auth/refresh", header{"Cookie": "shema_refresh=old"}, "{}")
	w.Expect(got.StatusCode).To(Equal(http.StatusUnauthorized))
	w.Expect(got.Header.Get("Set-Cookie")).To(HavePrefix("shema_refresh=;"))
}

// Browsers send the cookie from any site's page; the page's origin tells which.
func TestGateway_Cookie_Origin(t *testing.T) {
	w := newTestGateway(t)

	cases := []struct {
		reason, origin, cookie string
		refused                bool
	}{
		{"a page on the list", page, "shema_refresh=x", false},
		{"a page of the gateway's own host", w.gateway.URL, "shema_refresh=x", false},
		{"no page", "", "shema_refresh=x", false},
		{"a foreign page", "http://evil.example", "shema_refresh=x", true},
		{"a sandboxed page", "null", "a=b; shema_refresh=x", true},
		{"a foreign page without the cookie", "http://evil.example", "a=b", false},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)

			h := header{"Cookie": c.cookie}
			if c.origin != "" {
				h["Origin"] = c.origin
			}

			got := w.do("POST", "/api/auth/refresh", h, "{}")
			if !c.refused {
				g.Expect(got.StatusCode).To(Equal(http.StatusOK))
				return
			}

			g.Expect(got.StatusCode).To(Equal(http.StatusForbidden))
			g.Expect(got.refused().Code).To(Equal("AUTH_FORBIDDEN"))
		})
	}
}
