package compress_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/gateway/internal/compress"
)

func unzip(g *WithT, body []byte) string {
	r, err := gzip.NewReader(bytes.NewReader(body))
	g.Expect(err).NotTo(HaveOccurred())

	plain, err := io.ReadAll(r)
	g.Expect(err).NotTo(HaveOccurred())

	return string(plain)
}

func TestAccepts(t *testing.T) {
	cases := []struct {
		reason string
		lines  []string
		want   bool
	}{
		{"nothing said", nil, false},
		{"an empty line", []string{""}, false},
		{"alone", []string{"gzip"}, true},
		{"a browser's list", []string{"deflate, gzip, br, zstd"}, true},
		{"several lines", []string{"br", "gzip;q=0.5"}, true},
		{"forbidden", []string{"gzip;q=0"}, false},
		{"forbidden, with a fraction", []string{"gzip; q=0.000, *"}, false},
		{"anything", []string{"*"}, true},
		{"anything but", []string{"br, *;q=0"}, false},
		{"another coding", []string{"gzipped"}, false},
		{"a broken weight", []string{"gzip;q=x"}, false},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			NewWithT(t).Expect(compress.Accepts(c.lines)).To(Equal(c.want))
		})
	}
}

func TestBytes(t *testing.T) {
	g := NewWithT(t)
	long := []byte(strings.Repeat(`{"a":1}`, 200))

	g.Expect(unzip(g, compress.Bytes(long))).To(Equal(string(long)))
	g.Expect(compress.Bytes(long[:compress.MinBytes-1])).To(BeNil(), "not worth it")
}

func TestJSON(t *testing.T) {
	gin.SetMode(gin.TestMode)

	long, short := strings.Repeat(`{"a":1}`, 200), `{"a":1}`

	cases := []struct {
		reason, method, accept string
		answer                 gin.HandlerFunc
		want                   string
		compressed             bool
	}{
		{"a long answer", "GET", "gzip", text("application/json", long), long, true},
		{"a short one", "GET", "gzip", text("application/json", short), short, false},
		{"who does not accept it", "GET", "br", text("application/json", long), long, false},
		{"another type", "GET", "gzip", text("text/calendar", long), long, false},
		{"no body", "GET", "gzip", func(c *gin.Context) { c.Status(http.StatusNoContent) }, "", false},
		{"HEAD", "HEAD", "gzip", text("application/json", long), "", false},
		{"in pieces, without a length", "GET", "gzip", pieces(long), long, true},
		{"a short one in pieces", "GET", "gzip", pieces(short), short, false},
		{"a short one whose length is known", "GET", "gzip", sized(short), short, false},
		{"a long one whose length is known", "GET", "gzip", sized(long), long, true},
		{"one that is compressed already", "GET", "gzip", func(c *gin.Context) {
			c.Header("Content-Encoding", "br")
			c.Data(http.StatusOK, "application/json", []byte(long))
		}, long, false},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			engine := gin.New()
			engine.Use(compress.JSON)
			engine.Handle(c.method, "/", c.answer)

			server := httptest.NewServer(engine)
			defer server.Close()

			r, err := http.NewRequest(c.method, server.URL, nil)
			g.Expect(err).NotTo(HaveOccurred())
			r.Header.Set("Accept-Encoding", c.accept)

			response, err := http.DefaultTransport.RoundTrip(r)
			g.Expect(err).NotTo(HaveOccurred())

			defer func() { _ = response.Body.Close() }()

			body, err := io.ReadAll(response.Body)
			g.Expect(err).NotTo(HaveOccurred())

			if c.compressed {
				g.Expect(response.Header.Get("Content-Encoding")).To(Equal("gzip"))
				g.Expect(unzip(g, body)).To(Equal(c.want))
				g.Expect(response.Header.Get("ETag")).To(Or(BeEmpty(), HavePrefix(`W/"`)))

				return
			}

			g.Expect(response.Header.Get("Content-Encoding")).NotTo(Equal("gzip"))
			g.Expect(string(body)).To(Equal(c.want))
		})
	}
}

// A handler that panics is answered by the middleware that recovers, through the plain writer.
func TestJSON_Panic(t *testing.T) {
	g := NewWithT(t)

	gin.SetMode(gin.TestMode)

	engine := gin.New()
	engine.Use(func(c *gin.Context) {
		defer func() {
			_ = recover()

			c.JSON(http.StatusInternalServerError, gin.H{"code": "INTERNAL"})
		}()

		c.Next()
	}, compress.JSON)
	engine.GET("/", func(*gin.Context) { panic("oh") })

	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	engine.ServeHTTP(w, r)

	g.Expect(w.Code).To(Equal(http.StatusInternalServerError))
	g.Expect(w.Body.String()).To(Equal(`{"code":"INTERNAL"}`))
}

func text(contentType, body string) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("ETag", `"x"`)
		c.Data(http.StatusOK, contentType, []byte(body))
	}
}

func sized(body string) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Content-Length", strconv.Itoa(len(body)))
		c.Header("Content-Type", "application/json")
		c.Status(http.StatusOK)
		_, _ = c.Writer.WriteString(body)
	}
}

func pieces(body string) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Content-Type", "application/json")

		for piece := range strings.SplitAfterSeq(body, "}") {
			_, _ = c.Writer.WriteString(piece)
		}
	}
}
