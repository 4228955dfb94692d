package compress

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// JSON compresses JSON answers of MinBytes and more for callers who accept it. Answers that carry a Content-Encoding
// already, and those to HEAD, pass as they are.
func JSON(c *gin.Context) {
	if c.Request.Method == http.MethodHead || !Accepts(c.Request.Header["Accept-Encoding"]) {
		return
	}

	original := c.Writer
	w := &writer{ResponseWriter: original}
	c.Writer = w

	// A panic's answer must not go through a writer that is never finished.
	defer func() { c.Writer = original }()

	c.Next()
	w.finish()
}

// writer holds the first bytes of an answer back until it is known whether compressing pays.
type writer struct {
	gin.ResponseWriter

	decided bool
	held    []byte
	gzip    *gzip.Writer
}

// Write sends, compresses or holds back.
func (w *writer) Write(p []byte) (int, error) {
	if !w.decided {
		w.decide(len(p))
	}

	switch {
	case w.gzip != nil:
		return w.gzip.Write(p)
	case w.decided:
		return w.ResponseWriter.Write(p)
	default:
		w.held = append(w.held, p...)
		return len(p), nil
	}
}

// WriteString is Write.
func (w *writer) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// WriteHeaderNow leaves the header to the first bytes of a body, if one may come.
func (w *writer) WriteHeaderNow() {
	if !w.compressible() {
		w.decided = true
		w.ResponseWriter.WriteHeaderNow()
	}
}

// Written says whether the caller may have seen anything.
func (w *writer) Written() bool { return w.ResponseWriter.Written() || w.gzip != nil }

// Flush sends what there is, compressed or not.
func (w *writer) Flush() {
	w.release()

	if w.gzip != nil {
		_ = w.gzip.Flush()
	}

	w.ResponseWriter.Flush()
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) compressible() bool {
	header := w.Header()

	return strings.HasPrefix(header.Get("Content-Type"), "application/json") && header.Get("Content-Encoding") == "" &&
		w.Status() != http.StatusNoContent && w.Status() != http.StatusNotModified && w.Status() >= http.StatusOK
}

// decide looks at the next piece: the answer's length is in its header, or as much as has come so far.
func (w *writer) decide(next int) {
	if !w.compressible() {
		w.decided = true
		return
	}

	size := len(w.held) + next

	length, err := strconv.Atoi(w.Header().Get("Content-Length"))
	if err == nil {
		size = length
	}

	switch {
	case size >= MinBytes:
		w.begin()
	case err == nil:
		w.decided = true
	}
}

// begin starts the compressed answer. Its entity tag becomes a weak one: the bytes are others.
func (w *writer) begin() {
	header := w.Header()
	header.Del("Content-Length")
	header.Set("Content-Encoding", "gzip")

	if tag := header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		header.Set("ETag", "W/"+tag)
	}

	w.decided = true
	w.gzip, _ = writers.Get().(*gzip.Writer)
	w.gzip.Reset(w.ResponseWriter)

	_, _ = w.gzip.Write(w.held)
	w.held = nil
}

// release sends what was held back as it is.
func (w *writer) release() {
	if w.gzip != nil || len(w.held) == 0 {
		w.decided = true
		return
	}

	w.decided = true
	_, _ = w.ResponseWriter.Write(w.held)
	w.held = nil
}

// finish ends the answer.
func (w *writer) finish() {
	w.release()

	if w.gzip == nil {
		return
	}

	_ = w.gzip.Close()
	writers.Put(w.gzip)
}
