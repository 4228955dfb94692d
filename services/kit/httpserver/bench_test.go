package httpserver_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/kit/httpserver"
)

// BenchmarkPublicRequest measures what the middleware of a public server costs a request that is answered at once.
func BenchmarkPublicRequest(b *testing.B) {
	f := newFixture(b, func(o *httpserver.Options) {
		o.Public, o.Log = true, slog.New(slog.DiscardHandler)
		o.Admit = []gin.HandlerFunc{func(c *gin.Context) { c.AbortWithStatus(http.StatusNoContent) }}
	})
	bench(b, f.server.Engine())
}

// BenchmarkEmptyHandler is what BenchmarkPublicRequest is compared with.
func BenchmarkEmptyHandler(b *testing.B) {
	e := gin.New()
	e.GET("/api/things", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	bench(b, e)
}

func bench(b *testing.B, h http.Handler) {
	server := httptest.NewServer(h)
	b.Cleanup(server.Close)

	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/api/things?limit=20", http.NoBody)
			if err != nil {
				b.Error(err)
				return
			}

			response, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}

			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	})
}
