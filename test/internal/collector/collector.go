// Package collector receives traces as an OpenTelemetry collector does (OTLP over HTTP), and keeps the spans of those
// traces that a test asks for.
package collector

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"

	service "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is what one program says of one step of a trace.
type Span struct {
	// Service is the program's name, and Scope the library that made the span: a program and its sidecar share the name.
	Service, Scope string
	Name           string
	ID, Parent     string
}

// Collector is a running receiver. It is safe for parallel use.
type Collector struct {
	server *httptest.Server

	mu     sync.Mutex
	wanted []string
	spans  map[string][]Span
}

// Start listens on a free port of the loopback.
func Start() *Collector {
	c := &Collector{spans: map[string][]Span{}}
	c.server = httptest.NewServer(http.HandlerFunc(c.receive))

	return c
}

// URL is what programs are told.
func (c *Collector) URL() string { return c.server.URL }

// Close ends it.
func (c *Collector) Close() { c.server.Close() }

// Keep has the spans of a trace kept from now on; its id is in hexadecimal digits.
func (c *Collector) Keep(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.wanted = append(c.wanted, id)
}

// Spans returns what has been told of a trace.
func (c *Collector) Spans(id string) []Span {
	c.mu.Lock()
	defer c.mu.Unlock()

	return slices.Clone(c.spans[id])
}

func (c *Collector) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)

	var request service.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &request)
	}

	if err != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, "traces in protobuf to /v1/traces alone", http.StatusBadRequest)
		return
	}

	for _, resource := range request.GetResourceSpans() {
		c.keep(serviceOf(resource), resource)
	}

	w.Header().Set("Content-Type", "application/x-protobuf")

	answer, _ := proto.Marshal(&service.ExportTraceServiceResponse{})
	_, _ = w.Write(answer)
}

func serviceOf(resource *trace.ResourceSpans) string {
	for _, attribute := range resource.GetResource().GetAttributes() {
		if attribute.GetKey() == "service.name" {
			return attribute.GetValue().GetStringValue()
		}
	}

	return ""
}

func (c *Collector) keep(name string, resource *trace.ResourceSpans) {
	c.mu.Lock()
	defer c.mu.Unlock()

	for _, scope := range resource.GetScopeSpans() {
		for _, span := range scope.GetSpans() {
			id := hex.EncodeToString(span.GetTraceId())
			if !slices.Contains(c.wanted, id) {
				continue
			}

			c.spans[id] = append(c.spans[id], Span{
				Service: name,
				Scope:   scope.GetScope().GetName(),
				Name:    span.GetName(),
				ID:      hex.EncodeToString(span.GetSpanId()),
				Parent:  hex.EncodeToString(span.GetParentSpanId()),
			})
		}
	}
}
