package proxy

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/shema-music/shema/services/contracts/errs"
)

// handedBack are the only headers of a service's answer that callers see.
var handedBack = []string{
	"Content-Disposition", "Content-Language", "Content-Type", "Etag", "Last-Modified", "Location", "Retry-After",
	"Www-Authenticate",
}

// Relay hands a service's answer to the caller. If it breaks off, so does the connection, because half an answer must
// not look like a whole one.
func Relay(w http.ResponseWriter, response *http.Response) {
	header := w.Header()
	copyHeader(header, response.Header)

	// Without a tag there is nothing by which the answer could be kept.
	if control := response.Header["Cache-Control"]; len(control) > 0 && response.Header.Get("Etag") != "" {
		header["Cache-Control"] = control
	}

	if response.ContentLength >= 0 && response.StatusCode != http.StatusNoContent &&
		response.StatusCode != http.StatusNotModified {
		header.Set("Content-Length", strconv.FormatInt(response.ContentLength, 10))
	}

	w.WriteHeader(response.StatusCode)

	if _, err := io.Copy(w, response.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// Relay hands the refusal to the caller.
func (r *RefusedError) Relay(w http.ResponseWriter) {
	header := w.Header()
	copyHeader(header, r.Header)

	if r.Status == http.StatusServiceUnavailable && header.Get("Retry-After") == "" {
		header.Set("Retry-After", strconv.Itoa(int(errs.Classify(errs.Unavailable).RetryAfter/time.Second)))
	}

	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body)
}

func copyHeader(to, from http.Header) {
	for _, name := range handedBack {
		if values := from[name]; len(values) > 0 {
			to[name] = values
		}
	}
}

// RefreshCookie is the name of the cookie that holds a browser's refresh token.
const RefreshCookie = "shema_refresh"

// HandCookiesBack copies the refresh token's cookie from a service's answer to ours; no other one gets out.
func HandCookiesBack(to, from http.Header) {
	for _, line := range from["Set-Cookie"] {
		if strings.HasPrefix(line, RefreshCookie+"=") {
			to.Add("Set-Cookie", line)
		}
	}
}
