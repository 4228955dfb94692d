// Command gateway is the platform's only door: routes, roles, limits, and answers from memory where many ask the same.
package main

import (
	"context"
	"log/slog"
	"runtime/debug"

	gatewayhttp "github.com/shema-music/shema/services/contracts/gateway/http"
	"github.com/shema-music/shema/services/gateway/internal/docs"
	"github.com/shema-music/shema/services/gateway/internal/rest"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/cli"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/dapr"
)

const (
	appID       = "api-gateway"
	defaultPort = 3000
)

func main() {
	var c Config
	cli.Main(cli.Program{
		AppID:    appID,
		Port:     defaultPort,
		Settings: &c,
		Serve:    func(ctx context.Context, log *slog.Logger) error { return serve(ctx, &c, log) },
	})
}

func serve(ctx context.Context, c *Config, log *slog.Logger) error {
	if err := c.check(); err != nil {
		return err
	}

	tokens, err := auth.NewServiceTokens(c.ServiceJWTSecret, appID, clock.System{})
	if err != nil {
		return err
	}

	sidecar, err := dapr.NewSidecar(c.Common, tokens)
	if err != nil {
		return err
	}
	defer sidecar.Close()

	verifier, err := auth.LoadJWKS(c.JWKSFile, auth.WithIssuer(c.JWTIssuer), auth.WithAudience(c.JWTAudience))
	if err != nil {
		return err
	}

	server, err := rest.New(rest.Options{
		Common:   c.Common,
		Log:      log,
		Clock:    clock.System{},
		Verifier: verifier,
		Documents: docs.Documents{
			OpenAPI:     gatewayhttp.Document,
			OpenAPIJSON: gatewayhttp.DocumentJSON,
			AsyncAPI:    gatewayhttp.ChatDocument,
		},
		Apps:                    sidecar,
		Ready:                   sidecar.Healthy,
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
	if err != nil {
		return err
	}

	debug.FreeOSMemory() // Reading the document made more garbage than serving ever will.

	return server.Run(ctx)
}
