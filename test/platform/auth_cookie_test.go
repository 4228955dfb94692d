package platform_test

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// refreshCookie returns the cookie with the refresh token that the answer sets, or nil.
func refreshCookie(a client.Answer) *http.Cookie {
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if c.Name == "shema_refresh" {
			return c
		}
	}

	return nil
}

// withCookie sends the refresh token as a browser does.
func withCookie(token string) client.Option { return client.Header("Cookie", "shema_refresh="+token) }

var _ = Describe("A browser that keeps the refresh token in a cookie", acrossReplicas, func() {
	It("signs in, refreshes and signs out without ever seeing it", func() {
		p := student()
		body := map[string]any{"email": p.Email, "password": p.Password, "transport": "cookie"}

		in := p.Post("/api/auth/login", body)
		Expect(in).To(succeed(200))
		Expect(string(in.Body)).To(ContainSubstring(`"refresh_token":null`))

		first := refreshCookie(in)
		Expect(first).To(And(HaveField("HttpOnly", true), HaveField("Secure", false), HaveField("Path", "/api/auth"),
			HaveField("SameSite", http.SameSiteStrictMode)), "loopback needs no TLS")

		answers := together(2, func(int) client.Answer { return p.Post("/api/auth/refresh", nil, withCookie(first.Value)) })
		second := refreshCookie(answers[0])
		session := read[client.Session](answers[0], 200)
		Expect(session.RefreshToken).To(BeEmpty())
		Expect(refreshCookie(answers[1])).To(HaveField("Value", second.Value), "two tabs get the same child")

		out := p.With(session.AccessToken).Post("/api/auth/logout", nil, withCookie(second.Value))
		Expect(out).To(succeed(204))
		Expect(refreshCookie(out)).To(HaveField("MaxAge", -1))
		Expect(p.Post("/api/auth/refresh", nil, withCookie(second.Value))).To(unknown)
	})

	It("is not heard where the page is another's", func() {
		p := student()
		in := p.Post("/api/auth/login", map[string]any{"email": p.Email, "password": p.Password, "transport": "cookie"})
		token := refreshCookie(in).Value

		Expect(p.Post("/api/auth/refresh", nil, withCookie(token), client.Header("Origin", "https://evil.example"))).
			To(beRefused(403, "AUTH_FORBIDDEN"))
		Expect(p.Post("/api/auth/refresh", nil, withCookie(token), client.Header("Origin", "http://localhost:5173"))).To(succeed(200))
	})
})
