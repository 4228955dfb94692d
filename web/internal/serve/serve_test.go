package serve_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/web/internal/serve"
)

// A request that runs when the end comes gets its answer; only then does the server return.
func TestOn_StopsGracefully(t *testing.T) {
	g := NewWithT(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())

	began, release := make(chan struct{}), make(chan struct{})
	pages := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-release

		_, _ = io.WriteString(w, "a page")
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)

	log := slog.New(slog.DiscardHandler)
	go func() { ended <- serve.On(ctx, listener, config.Common{ShutdownTimeout: time.Minute}, log, pages) }()

	answer := make(chan string, 1)
	go func() { answer <- get("http://" + listener.Addr().String() + "/") }()

	<-began
	stop()
	close(release)

	g.Eventually(answer).Should(Receive(Equal("a page")))
	g.Eventually(ended).Should(Receive(BeNil()))
}

func TestOn_Probes(t *testing.T) {
	g := NewWithT(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())

	ctx, stop := context.WithCancel(t.Context())
	defer stop()

	go func() {
		_ = serve.On(ctx, listener, config.Common{}, slog.New(slog.DiscardHandler), http.NotFoundHandler())
	}()

	for _, path := range []string{"/healthz", "/readyz"} {
		g.Expect(get("http://" + listener.Addr().String() + path)).To(Equal(`{"status":"ok"}`))
	}
}

func get(url string) string {
	response, err := http.Get(url)
	if err != nil {
		return err.Error()
	}

	defer func() { _ = response.Body.Close() }()

	body, _ := io.ReadAll(response.Body)

	return string(body)
}
