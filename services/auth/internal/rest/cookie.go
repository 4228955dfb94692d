package rest

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
)

const (
	// refreshCookie is the name of the cookie that holds a browser's refresh token.
	refreshCookie = "shema_refresh"
	// cookiePath is where browsers send it.
	cookiePath = "/api/auth"
)

var msgRefreshToken = errs.Text{
	English:    "is required where the cookie shema_refresh does not come along",
	Indonesian: "wajib diisi bila kuki shema_refresh tidak ikut dikirim",
}

// browser is what a request and its answer have to do with the cookie. Outside of a request it has no header, and
// nothing comes and goes by cookie.
type browser struct {
	// token is the cookie's value, empty without one.
	token string
	// secure says whether the cookie may travel over TLS only, which is so unless the host is a loopback one.
	secure bool
	header http.Header
}

type browserKey struct{}

// withBrowser lets the handlers read and write the cookie.
func withBrowser(c *gin.Context) {
	b := &browser{secure: !isLoopback(c.GetHeader("X-Forwarded-Host")), header: c.Writer.Header()}
	if cookie, err := c.Request.Cookie(refreshCookie); err == nil {
		b.token = cookie.Value
	}

	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), browserKey{}, b))
}

func browserOf(ctx context.Context) *browser {
	if b, ok := ctx.Value(browserKey{}).(*browser); ok {
		return b
	}

	return &browser{header: http.Header{}}
}

// keep lets the browser keep the token.
func (b *browser) keep(token string) { b.set(token, int(auth.RefreshTokenTTL/time.Second)) }

// forget takes the cookie away; a browser without one does not mind.
func (b *browser) forget() { b.set("", -1) }

func (b *browser) set(value string, maxAge int) {
	cookie := &http.Cookie{ //nolint:gosec // G124: Secure is left out on loopback hosts alone
		Name:     refreshCookie,
		Value:    value,
		Path:     cookiePath,
		MaxAge:   maxAge,
		Secure:   b.secure,
		HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	}
	b.header.Add("Set-Cookie", cookie.String())
}

// presented returns the refresh token that a request brings: the body's if it has one, otherwise the cookie's.
func (b *browser) presented(inBody *string) (token string, byCookie bool, err error) {
	switch {
	case inBody != nil:
		return *inBody, false, nil
	case b.token != "":
		return b.token, true, nil
	}

	return "", false, errs.Invalid(errs.Field{Name: "refresh_token", Message: msgRefreshToken})
}

// session writes a grant as the body asks for it, or by cookie.
func (b *browser) session(g *auth.Grant, byCookie bool) authhttp.Session {
	s := toSession(g)
	if !byCookie {
		return s
	}

	b.keep(g.RefreshToken)
	s.RefreshToken = nil

	return s
}

func wantsCookie(t *authhttp.Transport) bool { return t != nil && *t == authhttp.Cookie }

// isLoopback reports whether the host, with a port or without, is this machine by name or by address.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}

	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}

	ip := net.ParseIP(host)

	return ip != nil && ip.IsLoopback()
}
