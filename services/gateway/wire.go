package main

import (
	"runtime/debug"

	gatewayhttp "github.com/shema-music/shema/services/contracts/gateway/http"
	"github.com/shema-music/shema/services/gateway/internal/docs"
	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/kit/service"
)

// wire makes the gateway's server, which has a middleware of its own.
func wire(s *service.Service, c *Config) (err error) {
	if err := c.check(); err != nil {
		return err
	}

	s.Server, err = rest.New(rest.Options{
		Common:   s.Common,
		Log:      s.Log,
		Clock:    s.Clock,
		Verifier: s.Verifier,
		Documents: docs.Documents{
			OpenAPI:     gatewayhttp.Document,
			OpenAPIJSON: gatewayhttp.DocumentJSON,
			AsyncAPI:    gatewayhttp.ChatDocument,
		},
		Apps:                    s.Sidecar,
		Ready:                   s.Sidecar.Healthy,
		ChatURLs:                c.ChatURLs,
		AllowedOrigins:          c.CORSAllowedOrigins,
		TrustedProxies:          c.TrustedProxies,
		SignInsPerSecond:        c.RateLimitAuth,
		RequestsPerSecond:       c.RateLimitDefault,
		PersonRequestsPerSecond: c.PersonRequestsPerSecond,
		WebUpstream:             c.WebUpstream,
		CacheTTL:                c.CacheTTL,
		SessionTTL:              c.SessionCacheTTL,
	})

	debug.FreeOSMemory() // reading the document made more garbage than serving ever will

	return err
}
