package cache

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/shema-music/shema/services/gateway/internal/compress"
	"github.com/shema-music/shema/services/kit/etag"
)

// askAgain lets all clients keep an answer but ask before using it again: the ETag makes asking cheap, and no page shows
// slots that are gone.
const askAgain = "public, no-cache"

// gzipped is the Content-Encoding of the compressed form.
var gzipped = []string{"gzip"}

// Answer is the body of a 200 answer with its headers ready to be sent, as it is and compressed. It is immutable.
type Answer struct {
	plain, zipped form

	contentType, cacheControl []string
}

// form is one of the two forms of an answer. Their entity tags differ, because their bytes do.
type form struct {
	body         []byte
	etag, length []string
}

// NewAnswer returns the answer with a strong ETag, which depends on the body alone. Callers may keep it for maxAge
// without asking whether it is still the same.
func NewAnswer(body []byte, contentType string, maxAge time.Duration) *Answer {
	tag := etag.Of(body)
	a := newAnswer(newForm(body, tag), contentType, maxAge)

	if zipped := compress.Bytes(body); zipped != nil {
		a.zipped = newForm(zipped, "W/"+tag)
	}

	return a
}

// NewCompressed returns an answer that exists in its compressed form alone; Send gives that to every client.
func NewCompressed(zipped []byte, contentType string) *Answer {
	tag := etag.Of(zipped)
	a := newAnswer(newForm(nil, tag), contentType, 0)
	a.zipped = newForm(zipped, "W/"+tag)

	return a
}

func newAnswer(plain form, contentType string, maxAge time.Duration) *Answer {
	control := askAgain
	if maxAge > 0 {
		control = fmt.Sprintf("public, max-age=%d", int(maxAge.Seconds()))
	}

	return &Answer{
		contentType:  []string{contentType},
		cacheControl: []string{control},
		plain:        plain,
	}
}

func newForm(body []byte, tag string) form {
	return form{body: body, length: []string{strconv.Itoa(len(body))}, etag: []string{tag}}
}

// ETag returns the entity tag of the plain form, with its quotes.
func (a *Answer) ETag() string { return a.plain.etag[0] }

// OnlyCompressed returns the compressed form of an answer that has no other, and nil for others.
func (a *Answer) OnlyCompressed() []byte {
	if a.plain.body != nil {
		return nil
	}

	return a.zipped.body
}

// WithPlain returns the answer with its plain form beside the compressed one, under the same tag.
func (a *Answer) WithPlain(body []byte) *Answer {
	both := *a
	both.plain = newForm(body, a.ETag())

	return &both
}

// Size is what the answer takes in memory, in bytes.
func (a *Answer) Size() int { return len(a.plain.body) + len(a.zipped.body) }

// Length is how many bytes Send writes for the request.
func (a *Answer) Length(r *http.Request) int { return len(a.formFor(r).body) }

func (a *Answer) formFor(r *http.Request) *form {
	if a.zipped.body != nil && (a.plain.body == nil || compress.Accepts(r.Header["Accept-Encoding"])) {
		return &a.zipped
	}

	return &a.plain
}

// Send answers a GET or HEAD request, with 304 where the caller has the same body already, and returns the status.
func (a *Answer) Send(w http.ResponseWriter, r *http.Request) (status int, err error) {
	sent := a.formFor(r)
	header := w.Header()
	header["Etag"] = sent.etag
	header["Cache-Control"] = a.cacheControl

	if etag.Known(r.Header["If-None-Match"], a.ETag()) {
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, nil
	}

	header["Content-Type"] = a.contentType
	header["Content-Length"] = sent.length

	if sent == &a.zipped {
		header["Content-Encoding"] = gzipped
	}

	w.WriteHeader(http.StatusOK)

	if r.Method == http.MethodHead {
		return http.StatusOK, nil
	}

	_, err = w.Write(sent.body)

	return http.StatusOK, err
}
