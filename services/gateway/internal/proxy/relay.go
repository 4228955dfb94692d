package proxy

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/shema-music/shema/services/contracts/errs"
)

// handedBack are the only headers of a service's answer that callers see.
var handedBack = []string{"Content-Type", "Content-Language", "Location", "Retry-After", "Www-Authenticate"}

// Relay hands a service's answer to the caller. If it breaks off, so does the connection, because half an answer must
// not look like a whole one.
func Relay(w http.ResponseWriter, response *http.Response) {
	copyHeader(w.Header(), response.Header)

	if response.ContentLength >= 0 && response.StatusCode != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.FormatInt(response.ContentLength, 10))
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
