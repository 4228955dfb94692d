package httpserver

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/kit/etag"
)

// keptPrivately lets the person's own program keep an answer, and no cache between; it asks before it shows it again.
const keptPrivately = "private, no-cache"

// tagPrivate gives the good answers of operations with x-cache: {scope: private} an ETag, and answers 304 to who has the
// same already. A public server has got them from services that did so.
func (s *Server) tagPrivate(c *gin.Context) {
	op := stateOf(c).operation
	if op == nil || !op.private || s.options.Public {
		return
	}

	original := c.Writer
	held := &heldAnswer{ResponseWriter: original}
	c.Writer = held

	// A panic's answer must not go through a writer that is never emptied.
	defer func() { c.Writer = original }()

	c.Next()
	held.send(c.Request.Header["If-None-Match"])
}

// heldAnswer holds an answer back until all of it is known.
type heldAnswer struct {
	gin.ResponseWriter

	body []byte
}

// Write holds p back.
func (w *heldAnswer) Write(p []byte) (int, error) {
	w.body = append(w.body, p...)

	return len(p), nil
}

// WriteString is Write.
func (w *heldAnswer) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// WriteHeaderNow leaves the header to send.
func (w *heldAnswer) WriteHeaderNow() {}

// Flush sends nothing before its time.
func (w *heldAnswer) Flush() {}

func (w *heldAnswer) send(ifNoneMatch []string) {
	header := w.Header()

	if w.Status() == http.StatusOK {
		tag := etag.Of(w.body)
		header.Set("ETag", tag)
		header.Set("Cache-Control", keptPrivately)

		if etag.Known(ifNoneMatch, tag) {
			header.Del("Content-Type")
			header.Del("Content-Length")
			w.WriteHeader(http.StatusNotModified)
			w.body = nil
		}
	}

	w.ResponseWriter.WriteHeaderNow()

	if len(w.body) > 0 {
		_, _ = w.ResponseWriter.Write(w.body)
	}
}
