// Package dapr talks to the sidecar: invocation over plain HTTP, publishing and state over gRPC. Nothing here waits for
// the sidecar at start-up, and every call ends within 4 s, but for those of output bindings.
package dapr

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/dapr/go-sdk/client"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/eventsign"
)

const (
	// pubsubName is the component of all topics.
	pubsubName = "pubsub"
	// cloudEventsType says that what we publish is in an envelope already.
	cloudEventsType = "application/cloudevents+json"
	// grpcTimeout bounds publishing and state.
	grpcTimeout = 3 * time.Second
	// maxReconnectDelay is how long the gRPC connection rests between two tries to reach the sidecar.
	maxReconnectDelay = time.Second
	healthTimeout     = 2 * time.Second
)

// Sidecar is our own Dapr sidecar.
type Sidecar struct {
	baseURL  string
	apiToken string
	tokens   *auth.ServiceTokens
	events   *eventsign.Key
	http     *http.Client
	conn     *grpc.ClientConn
	grpc     client.Client
}

// NewSidecar returns the sidecar at the configured ports. The service tokens may be nil for programs that call no other.
func NewSidecar(c config.Common, tokens *auth.ServiceTokens) (*Sidecar, error) {
	s := &Sidecar{
		baseURL:  "http://127.0.0.1:" + strconv.Itoa(c.DaprHTTPPort),
		apiToken: c.DaprAPIToken,
		tokens:   tokens,
		events:   eventsign.New(c.ServiceJWTSecret),
		http:     &http.Client{Transport: newTransport(), Timeout: invokeTimeout, CheckRedirect: noRedirect},
	}

	conn, err := grpc.NewClient("passthrough:///127.0.0.1:"+strconv.Itoa(c.DaprGRPCPort),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay:  100 * time.Millisecond,
				Multiplier: 2,
				MaxDelay:   maxReconnectDelay, //nolint:mnd // doubling
			},
			MinConnectTimeout: grpcTimeout,
		}),
		grpc.WithUnaryInterceptor(s.sign))
	if err != nil {
		return nil, fmt.Errorf("set up the connection to the sidecar: %w", err)
	}

	s.conn, s.grpc = conn, client.NewClientWithConnection(conn)

	return s, nil
}

// Close ends the connections.
func (s *Sidecar) Close() {
	s.http.CloseIdleConnections()
	_ = s.conn.Close()
}

// sign adds the API token and the trace to every gRPC call, and its time limit.
func (s *Sidecar) sign(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	limit := grpcTimeout
	if method == invokeBindingMethod {
		limit = bindingTimeout
	}

	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	if s.apiToken != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "dapr-api-token", s.apiToken)
	}

	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)

	if parent := carrier.Get("traceparent"); parent != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", parent)
	}

	return invoke(ctx, method, request, reply, conn, options...)
}

// cloudEvent is the envelope that we send, so that the id is ours and the same at every try.
type cloudEvent struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Type            string `json:"type"`
	DataContentType string `json:"datacontenttype"`
	TraceParent     string `json:"traceparent,omitempty"`
	// TraceID is Dapr's former name of TraceParent, with the same value. A sidecar that finds none replaces both by its own
	// call's trace, which for a batch is that of no request.
	TraceID   string          `json:"traceid,omitempty"`
	Signature string          `json:"shemasignature"` // eventsign.Attribute
	Data      json.RawMessage `json:"data"`
}

// Publish sends a CloudEvent with the given id and JSON data to a topic, signed as ours. It fails with errs.Unavailable.
func (s *Sidecar) Publish(ctx context.Context, topic, id string, data []byte) error {
	event, err := s.encodeEvent(ctx, topic, id, data)
	if err != nil {
		return err
	}

	err = s.grpc.PublishEvent(ctx, pubsubName, topic, event, client.PublishEventWithContentType(cloudEventsType))
	if err != nil {
		return errs.Unavailable.Wrap(fmt.Errorf("publish to %s: %w", topic, err))
	}

	return nil
}

// encodeEvent puts data into the envelope that we send, signed as ours.
func (s *Sidecar) encodeEvent(ctx context.Context, topic, id string, data []byte) ([]byte, error) {
	signature, err := s.events.Sign(topic, data)
	if err != nil {
		return nil, err
	}

	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)

	parent := carrier.Get("traceparent")

	event, err := json.Marshal(cloudEvent{
		SpecVersion:     "1.0",
		ID:              id,
		Source:          "shema",
		Type:            topic,
		DataContentType: "application/json",
		TraceParent:     parent,
		TraceID:         parent,
		Signature:       signature,
		Data:            data,
	})
	if err != nil {
		return nil, fmt.Errorf("encode an event for %s: %w", topic, err)
	}

	return event, nil
}

// Healthy returns nil when the sidecar and its components are ready for our calls.
func (s *Sidecar) Healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.baseURL+"/v1.0/healthz/outbound", http.NoBody)
	if err != nil {
		return fmt.Errorf("ask the sidecar: %w", err)
	}

	response, err := s.http.Do(request)
	if err != nil {
		return errs.Unavailable.Wrap(fmt.Errorf("ask the sidecar: %w", err))
	}

	defer func() { _ = response.Body.Close() }()

	if response.StatusCode >= http.StatusBadRequest {
		return errs.Unavailable.Wrap(fmt.Errorf("the sidecar is not ready: %s", response.Status))
	}

	return nil
}
