package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/shema-music/shema/services/kit/eventsign"
	"github.com/shema-music/shema/services/kit/protocolerror"
)

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 120 * time.Second
	maxHeaderBytes    = 32 << 10
)

// releaseMode keeps gin from writing its own debug lines.
var releaseMode = sync.OnceFunc(func() { gin.SetMode(gin.ReleaseMode) })

// Server is one service's HTTP server. It is made by New.
type Server struct {
	options    Options
	log        *slog.Logger
	engine     *gin.Engine
	operations map[route]*operation
	// open are the routes outside of the contract: health, events from Dapr, documents.
	open     map[route]bool
	events   *eventsign.Key
	registry *prometheus.Registry
	metrics  *requestMetrics
	stopping atomic.Bool
}

type route struct{ method, path string }

// New returns a server with all its middleware; register the generated handlers on its Engine, then Run it.
func New(o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}

	operations, err := readOperations(o.Spec, o.Public)
	if err != nil {
		return nil, err
	}

	releaseMode()

	s := &Server{
		options:    o,
		log:        o.Log,
		engine:     gin.New(),
		operations: operations,
		open:       map[route]bool{},
		events:     eventsign.New(o.Common.ServiceJWTSecret),
	}
	s.registry, s.metrics = newMetrics(o.Collectors)
	s.prepareEngine()
	s.Open(http.MethodGet, "/healthz", s.healthz)
	s.Open(http.MethodGet, "/readyz", s.readyz)

	return s, nil
}

func (s *Server) prepareEngine() {
	e := s.engine
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	_ = e.SetTrustedProxies(nil)
	e.Use(s.begin, s.recoverPanics)
	e.Use(s.options.Early...)
	e.Use(refuseEncodedPath, s.lookUp)
	e.Use(s.options.Admit...)

	if !s.options.Public {
		e.Use(s.requireSidecar, s.requireCaller)
	}

	e.Use(s.requirePerson)
	e.Use(s.options.Inside...)
	e.Use(s.validate, s.tagPrivate)
	e.NoRoute(notFound)
	e.NoMethod(methodNotAllowed)
}

// Engine returns the router on which the generated handlers are registered.
func (s *Server) Engine() *gin.Engine { return s.engine }

// Handler returns what the server serves: the engine, behind the options' Front.
func (s *Server) Handler() http.Handler {
	if s.options.Front == nil {
		return s.engine
	}

	return s.options.Front(s.engine)
}

// Duration returns the metric that counts the answers of one status of one route, in seconds.
func (s *Server) Duration(method, path string, status int) prometheus.Observer {
	return s.metrics.duration.WithLabelValues(method, path, strconv.Itoa(status))
}

// Registry returns the registry behind the metrics listener.
func (s *Server) Registry() *prometheus.Registry { return s.registry }

// Open registers a route outside of the contract, open to every caller.
func (s *Server) Open(method, path string, handlers ...gin.HandlerFunc) {
	s.open[route{method, path}] = true
	s.engine.Handle(method, path, handlers...)
}

// FromDapr registers a route outside of the contract that only our own sidecar may call. Below /dapr/events/ the events
// must also be proven to come from one of our services; at /dapr/dead-letters eventsign.Proven says whether they are.
func (s *Server) FromDapr(method, path string, handlers ...gin.HandlerFunc) {
	s.Open(method, path, append([]gin.HandlerFunc{s.requireSidecar, s.proveEvent}, handlers...)...)
}

// OnStop adds something that runs when the graceful stop begins, before connections are waited for. It must be added
// before Run.
func (s *Server) OnStop(f func()) { s.options.OnStop = append(s.options.OnStop, f) }

// Run serves until the context ends, then stops gracefully: /readyz turns 503, running requests end, connections close.
func (s *Server) Run(ctx context.Context) error {
	listener, err := listen(ctx, s.options.Common.Address(), "PORT or PORT_OFFSET")
	if err != nil {
		return err
	}

	metrics, err := listen(ctx, s.options.Common.MetricsAddress(), "METRICS_PORT")
	if err != nil {
		_ = listener.Close()
		return err
	}

	app, side := s.httpServer(s.Handler()), s.httpServer(s.metricsHandler())

	app.ConnContext = s.options.ConnContext

	listener = protocolerror.Listener(listener)
	if wrap := s.options.Listener; wrap != nil {
		listener = wrap(listener)
	}

	failed := make(chan error, 2) //nolint:mnd // one for each server
	go func() { failed <- serve(app, listener) }()
	go func() { failed <- serve(side, metrics) }()

	s.log.Info("listening", "address", listener.Addr().String(), "metrics", metrics.Addr().String())

	select {
	case err := <-failed:
		_ = app.Close()
		_ = side.Close()
		return err
	case <-ctx.Done():
	}

	defer func() { _ = side.Close() }()

	return s.stop(app) //nolint:contextcheck // the context has ended; what runs gets time of its own
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

func (s *Server) stop(app *http.Server) error {
	s.stopping.Store(true)
	s.log.Info("stopping")

	if delay := s.options.Common.ShutdownDelay; delay > 0 {
		<-time.After(delay)
	}

	for _, f := range s.options.OnStop {
		f()
	}

	ctx, cancel := context.WithTimeout(context.Background(), s.options.Common.ShutdownTimeout)
	defer cancel()

	if err := app.Shutdown(ctx); err != nil {
		_ = app.Close()
		return fmt.Errorf("some requests did not end in time: %w", err)
	}

	return nil
}

func listen(ctx context.Context, address, variables string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %s is taken by another program: stop that, or choose another with %s", address, variables)
	}

	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}

	return listener, nil
}

func serve(server *http.Server, listener net.Listener) error {
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}

	return nil
}

func (s *Server) healthz(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) }

func (s *Server) readyz(c *gin.Context) {
	if s.stopping.Load() {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "stopping"})
		return
	}

	if err := s.options.Ready(c.Request.Context()); err != nil {
		s.log.Warn("not ready", "error", err)
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "unavailable"})
		return
	}

	c.JSON(http.StatusOK, gin.H{"status": "ok"})
}
