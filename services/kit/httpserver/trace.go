package httpserver

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net/http"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const (
	traceparent = "Traceparent"
	tracerName  = "github.com/shema-music/shema/services/kit/httpserver"
)

// startSpan continues the caller's trace. Without an exporter no span is made, only ids.
func (s *Server) startSpan(ctx context.Context, c *gin.Context) (context.Context, trace.Span) {
	if c.Request.Header.Get(traceparent) != "" {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(c.Request.Header))
	}

	if s.options.Common.OTLPEndpoint == "" {
		return ctx, trace.SpanFromContext(ctx)
	}

	return otel.Tracer(tracerName).Start(ctx, c.Request.Method+" "+c.FullPath(), trace.WithSpanKind(trace.SpanKindServer)) //nolint:spancheck // begin ends it
}

// answerTrace makes sure that the context has a trace, writes it into the answer and returns its id.
func answerTrace(c *gin.Context, ctx *context.Context) string {
	span := trace.SpanContextFromContext(*ctx)
	if !span.IsValid() {
		span = newSpanContext()
		*ctx = trace.ContextWithSpanContext(*ctx, span) //nolint:fatcontext // once per request, for its handlers
	}

	id := span.TraceID().String()

	flags := "-00"
	if span.IsSampled() {
		flags = "-01"
	}

	c.Writer.Header().Set(traceparent, "00-"+id+"-"+span.SpanID().String()+flags)

	return id
}

func newSpanContext() trace.SpanContext {
	var (
		traceID trace.TraceID
		spanID  trace.SpanID
	)

	binary.LittleEndian.PutUint64(traceID[:8], rand.Uint64()) //nolint:gosec // ids need not be secret
	binary.LittleEndian.PutUint64(traceID[8:], rand.Uint64()) //nolint:gosec // likewise
	binary.LittleEndian.PutUint64(spanID[:], rand.Uint64()|1) //nolint:gosec // likewise; never all zero

	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID})
}

func describeSpan(span trace.Span, method, path string, status int, failure error) {
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", path),
		attribute.Int("http.response.status_code", status))

	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, http.StatusText(status))

		if failure != nil {
			span.RecordError(failure)
		}
	}
}
