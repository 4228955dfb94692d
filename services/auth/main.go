// Command auth is the auth service: sign-up, sign-in, sessions, tokens, and the lock against guessing.
package main

import (
	"context"

	"github.com/shema-music/shema/services/auth/internal/rest"
	"github.com/shema-music/shema/services/auth/migrations"
	"github.com/shema-music/shema/services/contracts/apps"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/service"
)

const (
	appID       = apps.Auth
	userAppID   = apps.User
	defaultPort = 3001
	schema      = "auth"
)

func main() {
	var c Config
	service.Main(service.Program{
		AppID:      appID,
		Port:       defaultPort,
		Settings:   &c,
		Spec:       authhttp.GetSpec,
		Server:     func(o *httpserver.Options) { o.AlsoCheck = rest.Checks() },
		Schema:     schema,
		Migrations: migrations.Files,
		Wire:       func(_ context.Context, s *service.Service) error { return wire(s, &c) },
	})
}
