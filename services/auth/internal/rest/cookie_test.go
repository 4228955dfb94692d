package rest_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/kit/servertest"
)

// browse sends what a browser would: to a host, with the cookie that it keeps.
func (f *fixture) browse(t *testing.T, path, token, host, cookie string, body any) servertest.Response {
	t.Helper()

	header := map[string]string{"X-Forwarded-Host": host}
	if cookie != "" {
		header["Cookie"] = "shema_refresh=" + cookie
	}

	return f.Do(t, servertest.Request{
		Method:   http.MethodPost,
		Path:     "/api/auth" + path,
		Token:    token,
		Body:     body,
		ClientIP: "203.0.113.7",
		Header:   header,
	})
}

// kept returns the cookie that the answer sets, or nil.
func kept(r servertest.Response) *http.Cookie {
	for _, c := range (&http.Response{Header: r.Header}).Cookies() {
		if c.Name == "shema_refresh" {
			return c
		}
	}

	return nil
}

func readSession(t *testing.T, r servertest.Response) authhttp.Session {
	t.Helper()
	NewWithT(t).Expect(r.Status).To(BeNumerically("<", 300), string(r.Body))

	var s authhttp.Session
	r.Read(t, &s)

	return s
}

func taken() types.GomegaMatcher {
	return And(HaveField("Value", ""), HaveField("MaxAge", -1), HaveField("Path", "/api/auth"))
}

// TestHandlers_Cookie: a browser that asks for it gets the refresh token as a cookie alone, from sign-up to sign-out.
func TestHandlers_Cookie(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	body := map[string]any{"email": "siti@example.com", "password": password, "full_name": "Siti", "transport": "cookie"}

	r := f.browse(t, "/register", "", "shema.example", "", body)
	g.Expect(readSession(t, r).RefreshToken).To(BeNil())
	g.Expect(kept(r)).To(And(HaveField("HttpOnly", true), HaveField("Secure", true), HaveField("SameSite", http.SameSiteStrictMode),
		HaveField("Path", "/api/auth"), HaveField("MaxAge", 7*24*3600), HaveField("Value", Not(BeEmpty()))))

	first := kept(r).Value
	r = f.browse(t, "/refresh", "", "localhost:3000", first, nil)
	s := readSession(t, r)
	g.Expect(s.RefreshToken).To(BeNil(), "a cookie is answered by cookie")
	g.Expect(kept(r)).To(And(HaveField("Secure", false), HaveField("Value", Not(Equal(first)))))

	again := f.browse(t, "/refresh", "", "localhost:3000", first, `{"refresh_token":null,"transport":"body"}`)
	g.Expect(readSession(t, again).RefreshToken).To(BeNil(), "a page cannot ask for the cookie's token in the body")
	g.Expect(kept(again).Value).To(Equal(kept(r).Value), "two tabs get the same child")

	out := f.browse(t, "/logout", s.AccessToken, "shema.example", kept(r).Value, nil)
	g.Expect(out.Status).To(Equal(http.StatusNoContent), string(out.Body))
	g.Expect(kept(out)).To(taken())

	refused := f.browse(t, "/refresh", "", "shema.example", kept(r).Value, nil)
	g.Expect(refused.Code()).To(Equal("AUTH_INVALID_REFRESH_TOKEN"))
	g.Expect(kept(refused)).To(taken(), "a token that is no good is not kept")
}

// TestHandlers_Cookie_OrBody: the body's token counts where both come; without either the field is named.
func TestHandlers_Cookie_OrBody(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	mine := f.register(t, "siti@example.com")
	g.Expect(mine.RefreshToken).NotTo(BeNil(), "without a word about it the token is in the body")

	r := f.browse(t, "/refresh", "", "shema.example", "forged", map[string]any{"refresh_token": mine.RefreshToken})
	g.Expect(readSession(t, r).RefreshToken).NotTo(BeNil())
	g.Expect(kept(r)).To(BeNil())

	r = f.browse(t, "/refresh", "", "shema.example", "", map[string]any{"refresh_token": readSession(t, r).RefreshToken, "transport": "cookie"})
	g.Expect(readSession(t, r).RefreshToken).To(BeNil(), "who has a token may change to the cookie")
	g.Expect(kept(r)).To(HaveField("Value", Not(BeEmpty())))

	for _, path := range []string{"/refresh", "/logout"} {
		g.Expect(f.browse(t, path, mine.AccessToken, "", "", `{}`).BadFields()).To(Equal([]string{"refresh_token"}), path)
		g.Expect(f.browse(t, path, mine.AccessToken, "", "", nil).BadFields()).To(Equal([]string{"refresh_token"}), path)
	}

	r = f.browse(t, "/login", "", "shema.example", "", map[string]any{"email": "siti@example.com", "password": password, "transport": "cookie"})
	g.Expect(kept(r)).To(HaveField("Value", Not(BeEmpty())))
	g.Expect(kept(f.browse(t, "/logout-all", readSession(t, r).AccessToken, "shema.example", "", nil))).To(taken())
}

// TestHandlers_Cookie_Secure: only to this machine the cookie travels without TLS.
func TestHandlers_Cookie_Secure(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t, "siti@example.com")

	for host, secure := range map[string]bool{
		"":                   true,
		"shema.example":      true,
		"shema.example:3000": true,
		"localhost.evil":     true,
		"10.0.0.1:3000":      true,
		"[2001:db8::1]:3000": true,
		"LOCALHOST":          false,
		"shema.localhost":    false,
		"127.0.0.1:3000":     false,
		"127.8.8.8":          false,
		"[::1]:3000":         false,
		"[::1]":              false,
	} {
		r := f.browse(t, "/login", "", host, "", map[string]any{"email": "siti@example.com", "password": password, "transport": "cookie"})
		g.Expect(kept(r)).To(HaveField("Secure", secure), host)
	}
}
