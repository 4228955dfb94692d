// Package website fetches the pages of the website, which is an app of its own, for the gateway's host.
package website

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/shema-music/shema/services/contracts/errs"
)

const (
	dialTimeout     = time.Second
	responseTimeout = 4 * time.Second
	idleConnections = 32
)

// Pages are public: of a reader's headers only those pass that say which form of the file is wanted.
var passedOn = []string{"Accept", "Accept-Encoding", "Accept-Language", "If-Modified-Since", "If-None-Match", "If-Range", "Range"}

// choices are the cookies with which a reader has chosen how pages look; they say nothing about who reads.
var choices = []string{"shema_language", "shema_theme"}

// dropped are headers of an answer that concern one connection alone.
var dropped = []string{"Connection", "Keep-Alive", "Set-Cookie", "Transfer-Encoding", "Trailer", "Upgrade"}

// Website is where the pages come from. It is safe for concurrent use.
type Website struct {
	base   *url.URL
	client *http.Client
}

// New returns the website at an address such as http://127.0.0.1:3007.
func New(upstream string) (*Website, error) {
	base, err := url.Parse(upstream)
	if err != nil || base.Scheme != "http" || base.Host == "" || base.Path != "" {
		return nil, fmt.Errorf("WEB_UPSTREAM: %q is no address of a server; write it like http://127.0.0.1:3007", upstream)
	}

	return &Website{
		base: base,
		client: &http.Client{
			Transport: &http.Transport{
				DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
				MaxIdleConnsPerHost:   idleConnections,
				ResponseHeaderTimeout: responseTimeout,
				DisableCompression:    true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Page is one answer of the website. Its reader closes it.
type Page struct{ response *http.Response }

// Get asks for the page or file that r names. It fails with errs.Unavailable.
func (w *Website) Get(r *http.Request) (*Page, error) {
	target := *w.base
	target.Path, target.RawPath, target.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery

	out, err := http.NewRequestWithContext(r.Context(), http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return nil, errs.NotFound.Wrap(fmt.Errorf("address the website: %w", err))
	}

	for _, name := range passedOn {
		if values := r.Header[name]; len(values) > 0 {
			out.Header[name] = values
		}
	}

	for _, name := range choices {
		if cookie, err := r.Cookie(name); err == nil {
			out.AddCookie(cookie)
		}
	}

	response, err := w.client.Do(out) //nolint:bodyclose // the page closes it
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, context.Canceled
		}

		return nil, errs.Unavailable.Wrap(fmt.Errorf("ask the website: %w", err))
	}

	return &Page{response: response}, nil
}

// Missing says that the website has no such page.
func (p *Page) Missing() bool { return p.response.StatusCode == http.StatusNotFound }

// Close ends the answer.
func (p *Page) Close() { _ = p.response.Body.Close() }

// Send passes the answer on, with the website's own headers in place of those of the API. If it breaks off, so does the
// connection, because half a file must not look like a whole one.
func (p *Page) Send(w http.ResponseWriter) {
	header := w.Header()
	header.Del("Cache-Control")

	maps.Copy(header, p.response.Header)

	for _, name := range dropped {
		header.Del(name)
	}

	w.WriteHeader(p.response.StatusCode)

	if _, err := io.Copy(w, p.response.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
}
