// Package httpserver is the HTTP side of every service: it authenticates, validates against the OpenAPI document,
// answers errors in the contract's shape, logs, measures, and stops gracefully. Handlers see only good requests.
package httpserver

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
)

// DefaultRequestTimeout ends a request's context; callers wait at most 5 s.
const DefaultRequestTimeout = 4 * time.Second

// Options are what a Server is made of.
type Options struct {
	Common config.Common
	// Spec decides which operations exist, who may call them and what they take. The server makes its object schemas
	// strict (unknown fields are refused), so it must not be shared.
	Spec *openapi3.T
	Log  *slog.Logger
	// Verifier checks access tokens; it may be nil if no operation has security.
	Verifier *auth.Verifier
	// ServiceTokens checks who is calling. Not used by a public server.
	ServiceTokens *auth.ServiceTokens
	// Ready says whether the service can do its work; nil means always.
	Ready func(context.Context) error
	Clock clock.Clock

	// Public is for the gateway: callers are people, so no sidecar or service token is asked for, and the client's
	// address is the connection's, or what a trusted proxy says.
	Public bool
	// TrustedProxies are the networks whose X-Forwarded-For a public server believes.
	TrustedProxies []netip.Prefix
	// Early runs for every request before anything is refused (CORS); Admit runs for known operations before tokens
	// are checked (rate limits, cache); Inside runs after tokens and before validation (ended sessions).
	Early, Admit, Inside []gin.HandlerFunc
	// PassBodies leaves bodies and parameters unchecked but for the size: the services behind a gateway check them.
	PassBodies bool
	// AlsoCheck are a service's own rules about bodies, by operationId as Spec spells it. They are asked where the document refuses a body
	// anyway, so that the answer names every bad field; a body that the document accepts is for the handler to refuse.
	AlsoCheck map[string]func(body any) []errs.Field
	// RequestTimeout replaces DefaultRequestTimeout.
	RequestTimeout time.Duration
	// Front wraps everything, middleware included: what it answers itself is not logged, and counted only if it counts
	// (Server.Duration). It is for the few answers that are worth being answered in microseconds.
	Front func(http.Handler) http.Handler
	// Listener wraps the listener and ConnContext adds to the contexts of a connection's requests, for servers that
	// treat connections in a way of their own; nil leaves them alone.
	Listener    func(net.Listener) net.Listener
	ConnContext func(context.Context, net.Conn) context.Context
	// Collectors are the service's own metrics.
	Collectors []prometheus.Collector
	// OnStop runs when the graceful stop begins, before connections are waited for.
	OnStop []func()
}

func (o *Options) complete() error {
	if o.Spec == nil || o.Log == nil {
		return errors.New("httpserver needs a Spec and a Log")
	}

	if o.Clock == nil {
		o.Clock = clock.System{}
	}

	if o.RequestTimeout == 0 {
		o.RequestTimeout = DefaultRequestTimeout
	}

	if o.Ready == nil {
		o.Ready = func(context.Context) error { return nil }
	}

	if o.Public {
		return nil
	}

	if o.ServiceTokens == nil {
		return errors.New("httpserver needs ServiceTokens to know its callers")
	}

	if o.Common.AppAPIToken == "" {
		return errors.New("APP_API_TOKEN is not set: without it any client could pass for the sidecar")
	}

	return nil
}
