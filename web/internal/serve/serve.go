// Package serve runs the website's HTTP server: probes beside the pages, and an end in which no visitor is cut off.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/shema-music/shema/services/kit/config"
)

const (
	readTimeout    = 10 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 120 * time.Second
	maxHeaderBytes = 32 << 10
)

// Run answers with pages, and with /healthz and /readyz, until the context ends. Then /readyz turns 503, for
// ShutdownDelay new requests are still taken so that load balancers notice, and running ones end.
func Run(ctx context.Context, c config.Common, log *slog.Logger, pages http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Address())
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %s is taken by another program: stop that, or choose another with PORT or PORT_OFFSET", c.Address())
	}

	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Address(), err)
	}

	log.Info("listening", "address", listener.Addr().String())

	return On(ctx, listener, c, log, pages)
}

// On is Run on a listener that is there already.
func On(ctx context.Context, listener net.Listener, c config.Common, log *slog.Logger, pages http.Handler) error {
	var stopping atomic.Bool

	server := &http.Server{
		Handler:           withProbes(pages, &stopping),
		ReadHeaderTimeout: readTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}

	stopping.Store(true)
	log.Info("stopping")

	if c.ShutdownDelay > 0 {
		<-time.After(c.ShutdownDelay)
	}

	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownTimeout)
	defer cancel()

	if err := server.Shutdown(end); err != nil {
		_ = server.Close()
		return fmt.Errorf("some requests did not end in time: %w", err)
	}

	return nil
}

func withProbes(pages http.Handler, stopping *atomic.Bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		status(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if stopping.Load() {
			status(w, http.StatusServiceUnavailable, "stopping")
			return
		}

		status(w, http.StatusOK, "ok")
	})

	return mux
}

func status(w http.ResponseWriter, code int, word string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, `{"status":"`+word+`"}`)
}
