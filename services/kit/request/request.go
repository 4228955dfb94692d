// Package request carries what is known about the request in hand through the context, so that logs, calls to
// clients and domain code need no HTTP package.
package request

import "context"

// Names of the headers that travel between the services.
const (
	HeaderID           = "X-Request-Id"
	HeaderClientIP     = "X-Client-Ip"
	HeaderUserAgent    = "X-Client-User-Agent"
	HeaderServiceToken = "X-Service-Token"
)

// Info is what is known about a request.
type Info struct {
	// ID is the caller's X-Request-Id, or ours.
	ID string
	// ClientIP is the address of the person's machine, as the gateway saw it.
	ClientIP string
	// UserAgent and AcceptLanguage are the person's headers.
	UserAgent, AcceptLanguage string
}

type key struct{}

// With returns a context that carries info. It must not be changed afterwards.
func With(ctx context.Context, info *Info) context.Context {
	return context.WithValue(ctx, key{}, info)
}

// From returns the info of the context; outside of a request all of it is empty.
func From(ctx context.Context) *Info {
	if info, ok := ctx.Value(key{}).(*Info); ok {
		return info
	}

	return &Info{}
}
