package testenv

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"sync"

	"github.com/shema-music/shema/local/leaks"
	"github.com/shema-music/shema/test/internal/client"
)

// Ledger notes the secrets that the people of a suite have or are given, which no log may show. It is safe for concurrent
// use.
type Ledger struct {
	mu    sync.Mutex
	known leaks.Secrets
}

// Keep notes a secret.
func (l *Ledger) Keep(secret, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.known == nil {
		l.known = leaks.Secrets{}
	}

	l.known.Add(secret, what)
}

// Known are the secrets up to now.
func (l *Ledger) Known() leaks.Secrets {
	l.mu.Lock()
	defer l.mu.Unlock()

	return maps.Clone(l.known)
}

// fields are those of bodies that are secret.
var fields = map[string]string{
	"refresh_token":    "a refresh token",
	"ticket":           "a chat ticket",
	"token":            "a token of a mail",
	"password":         "a password",
	"current_password": "a password",
	"new_password":     "a password",
}

var (
	// signature is the part of an access token without which it is worth nothing.
	signature = regexp.MustCompile(`"access_token":\s*"[^"]*\.([^"]+)"`)
	calendar  = regexp.MustCompile(`/api/calendar/([\w-]+)\.ics`)
	cookie    = regexp.MustCompile(`^shema_refresh=([^;]+)`)
	link      = regexp.MustCompile(`[?&]token=(?:3D)?([\w-]{20,})`)
)

// Observe notes the secrets of a request that was accepted and of its answer. What is refused may be any word.
func (l *Ledger) Observe(r *http.Request, a client.Answer) {
	if !a.OK() || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return
	}

	l.observe(a.Body)

	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			sent, _ := io.ReadAll(body) // out of memory
			l.observe(sent)
		}
	}

	for _, set := range a.Header.Values("Set-Cookie") {
		if found := cookie.FindStringSubmatch(set); found != nil {
			l.Keep(found[1], "a refresh token")
		}
	}
}

func (l *Ledger) observe(body []byte) {
	var object map[string]any
	if json.Unmarshal(body, &object) != nil {
		return
	}

	for field, what := range fields {
		if secret, ok := object[field].(string); ok {
			l.Keep(secret, what)
		}
	}

	if found := signature.FindSubmatch(body); found != nil {
		l.Keep(string(found[1]), "an access token")
	}

	if found := calendar.FindSubmatch(body); found != nil {
		l.Keep(string(found[1]), "a calendar's secret")
	}
}

// observeMails notes the tokens in the mails that were sent.
func (l *Ledger) observeMails(url string) error {
	mails, err := client.Mails(url, "")
	for _, mail := range mails {
		for _, found := range link.FindAllStringSubmatch(mail.Body, -1) {
			l.Keep(found[1], "a token of a mail")
		}
	}

	return err
}
