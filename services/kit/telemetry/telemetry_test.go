package telemetry_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/request"
	"github.com/shema-music/shema/services/kit/telemetry"
)

// Lines carry the i ds of the request.
func TestNewLogger_RequestIDs(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	var out bytes.Buffer

	log := telemetry.NewLogger(&out, apps.Booking, slog.LevelInfo).With("a", 1)
	ctx := request.With(t.Context(), &request.Info{ID: "r1"})
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2},
	}))
	log.DebugContext(ctx, "not written")
	log.InfoContext(ctx, "written")

	var line map[string]any
	g.Expect(json.Unmarshal(out.Bytes(), &line)).To(Succeed())
	g.Expect(line).To(And(HaveKeyWithValue("msg", "written"), HaveKeyWithValue("app", apps.Booking),
		HaveKeyWithValue("request_id", "r1"), HaveKeyWithValue("trace_id", "01000000000000000000000000000000"),
		HaveKeyWithValue("a", 1.0)))
}

func TestSetup(t *testing.T) { // sets globals, so not parallel
	g := NewWithT(t)
	log, shutdown, err := telemetry.Setup(t.Context(), apps.Booking, config.Common{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(log).NotTo(BeNil())
	g.Expect(shutdown(t.Context())).To(Succeed())

	received := make(chan string, 1)

	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received <- r.URL.Path }))
	defer collector.Close()

	_, shutdown, err = telemetry.Setup(t.Context(), apps.Booking, config.Common{OTLPEndpoint: collector.URL + "/"})
	g.Expect(err).NotTo(HaveOccurred())

	_, span := otel.Tracer("test").Start(t.Context(), "work")
	span.End()
	g.Expect(shutdown(t.Context())).To(Succeed())
	g.Expect(<-received).To(Equal("/v1/traces"))
}
