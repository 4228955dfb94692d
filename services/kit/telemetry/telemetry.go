// Package telemetry sets up logs and traces.
package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/shema-music/shema/services/kit/config"
)

// tracesPath is where a collector takes traces (OTLP over HTTP).
const tracesPath = "/v1/traces"

// Setup returns the program's logger (JSON on standard output, with request and trace ids) and starts the export of
// traces if OTEL_EXPORTER_OTLP_ENDPOINT names a collector. Shutdown sends what is left.
func Setup(ctx context.Context, appID string, c config.Common) (log *slog.Logger, shutdown func(context.Context) error, err error) {
	log = NewLogger(os.Stdout, appID, c.LogLevel)
	slog.SetDefault(log)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("telemetry", "error", err) }))

	if c.OTLPEndpoint == "" {
		return log, func(context.Context) error { return nil }, nil
	}

	// The setting names the collector, as OpenTelemetry has it; this option wants the place of the traces there.
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimRight(c.OTLPEndpoint, "/")+tracesPath))
	if err != nil {
		return nil, nil, fmt.Errorf("set up the export of traces (OTEL_EXPORTER_OTLP_ENDPOINT): %w", err)
	}

	provider := trace.NewTracerProvider(trace.WithBatcher(exporter),
		trace.WithResource(resource.NewSchemaless(attribute.String("service.name", appID))))
	otel.SetTracerProvider(provider)

	return log, provider.Shutdown, nil
}

// NewLogger returns a logger that writes JSON and adds the app id, and the ids of the request and the trace in hand.
func NewLogger(w io.Writer, appID string, level slog.Level) *slog.Logger {
	handler := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})
	return slog.New(withIDs{handler}).With("app", appID)
}
