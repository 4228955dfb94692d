package cache

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// cacheControl lets everybody keep an answer but ask before using it again: the ETag makes asking cheap, and nobody
// shows slots that are gone.
var cacheControl = []string{"public, no-cache"}

// Answer is the body of a 200 answer with its headers ready to be sent. It is immutable.
type Answer struct {
	Body []byte

	etag, length, contentType []string
}

// NewAnswer returns the answer with a strong ETag, which depends on the body alone.
func NewAnswer(body []byte, contentType string) *Answer {
	sum := sha256.Sum256(body)

	return &Answer{
		Body:        body,
		contentType: []string{contentType},
		length:      []string{strconv.Itoa(len(body))},
		etag:        []string{`"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`},
	}
}

// ETag returns the entity tag, with its quotes.
func (a *Answer) ETag() string { return a.etag[0] }

// Send answers a GET or HEAD request, with 304 where the caller has the same body already, and returns the status.
func (a *Answer) Send(w http.ResponseWriter, r *http.Request) (status int, err error) {
	header := w.Header()
	header["Etag"] = a.etag
	header["Cache-Control"] = cacheControl

	if a.known(r.Header["If-None-Match"]) {
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, nil
	}

	header["Content-Type"] = a.contentType
	header["Content-Length"] = a.length

	w.WriteHeader(http.StatusOK)

	if r.Method == http.MethodHead {
		return http.StatusOK, nil
	}

	_, err = w.Write(a.Body)

	return http.StatusOK, err
}

// known reports whether If-None-Match names this answer; RFC 9110 compares weakly here.
func (a *Answer) known(ifNoneMatch []string) bool {
	for _, line := range ifNoneMatch {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == a.etag[0] {
				return true
			}
		}
	}

	return false
}

// Key returns the canonical form of a request's path and query: parameters that the operation knows, in the order of
// their names. It is also what the answer is fetched by. Ok is false where the query is malformed or repeats a
// parameter, so that the service has to say what it thinks of that.
func Key(u *url.URL, known []string) (key string, ok bool) {
	path := (&url.URL{Path: u.Path}).EscapedPath()
	if u.RawQuery == "" {
		return path, true
	}

	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", false
	}

	out := make([]byte, 0, len(path)+1+len(u.RawQuery))
	out = append(out, path...)

	separator := byte('?')
	for _, name := range known {
		values := query[name]
		if len(values) > 1 {
			return "", false
		}

		if len(values) == 1 {
			out = append(append(append(out, separator), name...), '=')
			out = append(out, url.QueryEscape(values[0])...)
			separator = '&'
		}
	}

	return string(out), true
}
