package telemetry

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/shema-music/shema/services/kit/request"
)

// withIDs adds to each line what finds the others of the same request: the request id and the trace id.
type withIDs struct{ slog.Handler }

// Handle writes the record with the ids that the context knows.
func (h withIDs) Handle(ctx context.Context, record slog.Record) error {
	if id := request.From(ctx).ID; id != "" {
		record.AddAttrs(slog.String("request_id", id))
	}

	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}

	return h.Handler.Handle(ctx, record)
}

// WithAttrs keeps the ids.
func (h withIDs) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withIDs{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the ids.
func (h withIDs) WithGroup(name string) slog.Handler { return withIDs{h.Handler.WithGroup(name)} }
