package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/request"
)

const maxRequestIDLength = 128

// begin opens a request: its id, trace and deadline; and closes it with a metric and a line in the access log.
func (s *Server) begin(c *gin.Context) {
	started := s.options.Clock.Now()
	st := &state{info: s.describe(c)}
	c.Set(stateKey, st)

	ctx, cancel := s.requestContext(c, st)
	defer cancel()

	ctx, span := s.startSpan(ctx, c)
	defer span.End()

	st.trace = answerTrace(c, &ctx)
	c.Request = c.Request.WithContext(ctx)
	header := c.Writer.Header()
	header.Set(request.HeaderID, st.info.ID)
	header.Set("X-Content-Type-Options", "nosniff")
	c.Next()
	s.finish(c, st, span, s.options.Clock.Now().Sub(started))
}

// requestContext adds what is known and the deadline. A WebSocket lives longer than a request.
func (s *Server) requestContext(c *gin.Context, st *state) (context.Context, context.CancelFunc) {
	ctx := request.With(c.Request.Context(), &st.info)
	if c.Request.Header.Get("Upgrade") != "" {
		return context.WithCancel(ctx)
	}

	return context.WithTimeout(ctx, s.options.RequestTimeout)
}

func (s *Server) describe(c *gin.Context) request.Info {
	header := c.Request.Header

	info := request.Info{
		ID:             header.Get(request.HeaderID),
		AcceptLanguage: header.Get("Accept-Language"),
	}
	if !goodRequestID(info.ID) {
		info.ID = uuid.Must(uuid.NewV7()).String()
	}

	if s.options.Public {
		info.ClientIP = clientIP(c.Request, s.options.TrustedProxies)
		info.UserAgent = header.Get("User-Agent")
	} else {
		info.ClientIP = header.Get(request.HeaderClientIP)
		info.UserAgent = header.Get(request.HeaderUserAgent) // User-Agent is the sidecar's
	}

	return info
}

// goodRequestID accepts what is harmless in a header and a log line.
func goodRequestID(id string) bool {
	if id == "" || len(id) > maxRequestIDLength {
		return false
	}

	for i := range len(id) {
		switch b := id[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_', b == '.', b == ':':
		default:
			return false
		}
	}

	return true
}

func (s *Server) finish(c *gin.Context, st *state, span trace.Span, took time.Duration) {
	status := c.Writer.Status()

	name := "other"
	if path := c.FullPath(); path != "" {
		name = path
	}

	s.metrics.observe(c.Request.Method, name, status, took)

	if span.IsRecording() {
		describeSpan(span, c.Request.Method, name, status, st.failure)
	}

	s.writeAccessLog(c, st, status, took)
}

func (s *Server) writeAccessLog(c *gin.Context, st *state, status int, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case status >= http.StatusInternalServerError && st.failure != nil && !errors.Is(st.failure, context.Canceled):
		level = slog.LevelError // but not for callers who went away
	case st.operation == nil && status < http.StatusBadRequest:
		level = slog.LevelDebug // health checks, events
	}

	ctx := c.Request.Context()
	if !s.log.Enabled(ctx, level) {
		return
	}

	attrs := make([]slog.Attr, 0, 12) //nolint:mnd // room for all attributes below

	attrs = append(attrs, slog.String("method", c.Request.Method), slog.String("path", loggedPath(c)),
		slog.Int("status", status), slog.Float64("ms", float64(took.Microseconds())/1000), //nolint:mnd // µs in a ms
		slog.Int("bytes", max(c.Writer.Size(), 0)))
	if st.info.ClientIP != "" {
		attrs = append(attrs, slog.String("client", st.info.ClientIP))
	}

	if caller := auth.CallerFrom(ctx); caller != "" {
		attrs = append(attrs, slog.String("caller", caller))
	}

	if p, ok := auth.PrincipalFrom(ctx); ok {
		attrs = append(attrs, slog.String("user_id", p.UserID.String()))
	}

	if st.failure != nil {
		attrs = append(attrs, slog.String("error", st.failure.Error()))
	}

	s.log.LogAttrs(ctx, level, "request", attrs...)
}

// secretPaths begin paths whose rest is a secret; the log knows their route alone.
const secretPaths = "/api/calendar/"

func loggedPath(c *gin.Context) string {
	path := c.Request.URL.Path
	if !strings.HasPrefix(path, secretPaths) {
		return path
	}

	if route := c.FullPath(); route != "" {
		return route
	}

	return secretPaths
}

// recoverPanics answers INTERNAL for a panic. If the answer has begun, the connection breaks instead, so that no
// client takes half an answer for a whole one.
func (s *Server) recoverPanics(c *gin.Context) {
	defer func() {
		found := recover()
		if found == nil {
			return
		}

		if err, ok := found.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(found)
		}

		s.log.ErrorContext(c.Request.Context(), "panic", "panic", fmt.Sprint(found), "stack", string(debug.Stack()))

		if c.Writer.Written() {
			panic(http.ErrAbortHandler)
		}

		Fail(c, errs.Internal.Wrap(fmt.Errorf("panic: %v", found)))
	}()

	c.Next()
}

// refuseEncodedPath refuses paths that a later program might read differently than we do: encoded slashes,
// backslashes and dots, dot segments, control characters.
func refuseEncodedPath(c *gin.Context) {
	if ambiguousPath(c.Request.URL.Path) || ambiguousPath(c.Request.URL.RawPath) {
		notFound(c)
		return
	}

	c.Next()
}

func ambiguousPath(path string) bool {
	if strings.Contains(path, "/.") && hasDotSegment(path) || strings.Contains(path, "//") {
		return true
	}

	for i := range len(path) {
		switch b := path[i]; {
		case b < ' ', b == 0x7f, b == '\\':
			return true
		case b == '%' && i+2 < len(path) && slices.Contains([]string{"2f", "5c", "2e", "00"}, strings.ToLower(path[i+1:i+3])):
			return true
		}
	}

	return false
}

func hasDotSegment(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}

	return false
}

func notFound(c *gin.Context) { Fail(c, errs.NotFound) }

func methodNotAllowed(c *gin.Context) { Fail(c, errs.MethodNotAllowed) }
