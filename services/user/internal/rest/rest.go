// Package rest answers the user service's HTTP requests. What reaches a handler is authenticated and valid.
package rest

import (
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

// Handlers implement the generated server interface.
type Handlers struct {
	users         *user.Service
	notifications *notification.Service
	apiURL        string
}

// Options are what the handlers are made of. APIURL is where the API is, without a slash at its end.
type Options struct {
	Users         *user.Service
	Notifications *notification.Service
	APIURL        string
}

var _ userhttp.StrictServerInterface = (*Handlers)(nil)

// Register puts the handlers on the server's engine.
func Register(s *httpserver.Server, o Options) {
	handlers := &Handlers{users: o.Users, notifications: o.Notifications, apiURL: o.APIURL}
	strict := userhttp.NewStrictHandlerWithOptions(handlers, nil,
		httpserver.StrictOptions[userhttp.StrictGinServerOptions]())
	userhttp.RegisterHandlersWithOptions(s.Engine(), strict, httpserver.GinOptions[userhttp.GinServerOptions]())
}
