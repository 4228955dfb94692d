// Package rest answers the auth service's HTTP requests. What reaches a handler is authenticated and valid.
package rest

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/request"
)

// KeySet knows the public keys that verify access tokens.
type KeySet interface {
	JWKS() kitauth.JWKS
}

// Handlers implement the generated server interface.
type Handlers struct {
	auth *auth.Service
	keys KeySet
}

var _ authhttp.StrictServerInterface = (*Handlers)(nil)

// jwksPath is the one answer that may be cached; all others are about a person.
const jwksPath = "/api/auth/.well-known/jwks.json"

// Register puts the handlers on the server's engine.
func Register(s *httpserver.Server, service *auth.Service, keys KeySet) {
	strict := authhttp.NewStrictHandlerWithOptions(&Handlers{auth: service, keys: keys}, nil,
		httpserver.StrictOptions[authhttp.StrictGinServerOptions]())
	options := httpserver.GinOptions[authhttp.GinServerOptions]()
	options.Middlewares = []authhttp.MiddlewareFunc{cacheControl, withBrowser}
	authhttp.RegisterHandlersWithOptions(s.Engine(), strict, options)
}

func cacheControl(c *gin.Context) {
	if c.FullPath() == jwksPath {
		c.Header("Cache-Control", "public, max-age=300")
		return
	}

	c.Header("Cache-Control", "no-store")
}

func clientOf(ctx context.Context) auth.Client {
	info := request.From(ctx)
	return auth.Client{IP: info.ClientIP, UserAgent: info.UserAgent, RequestID: info.ID}.Clean()
}
